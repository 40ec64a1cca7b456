import type { z } from "zod";
import { partOf } from "../../engine/apply/index.js";
import { chainOf, type Host, inOrder, type Propspec } from "../../engine/index.js";
import { withOnly } from "../../engine/prepare/index.js";
import type { Zygote } from "../../zygote/client.js";
import {
  type AnewOptions,
  type RecordedCommand,
  type RecordedOptions,
  recorded,
} from "../commandLine/options.js";
import { type Consfig, loadConsfig, modulesOf } from "../consfig/load.js";
import { isOfRun, thoseOfRuns } from "../consfig/ofRun.js";
import { selectHosts } from "../consfig/select.js";
import { preflight } from "../preflight.js";
import { type RunOptions, run } from "../run.js";

/** The options of a command that deploys. */
export type DeployOptions<C extends RecordedCommand = RecordedCommand> = AnewOptions &
  RecordedOptions<C> &
  Pick<RunOptions, "resumed">;

/** Hosts have the properties that the consfig gives them, or only some of these. */
export async function deploy(
  words: readonly string[],
  options: DeployOptions<"deploy">,
): Promise<number> {
  const { consfig } = await loadConsfig(options.consfig);
  const ofRuns = options.only.filter(isOfRun);
  const patterns = options.only.filter((word) => !isOfRun(word));
  const hosts = await thoseOfRuns(await deployable(consfig, words), ofRuns, consfig.file);
  const chosen = patterns.length > 0 ? await thinned(hosts, patterns) : hosts;
  const lasting = { ...options, only: patterns };
  return startRun(chosen, consfig, { name: "deploy", words }, lasting);
}

/**
 * The hosts are deployed, with the person's password where it was asked for.
 *
 * @throws Unprepared before any is contacted, when one cannot be deployed as the consfig says
 */
export async function startRun(
  hosts: readonly Host[],
  consfig: Consfig,
  asked: { readonly name: RecordedCommand; readonly words: readonly string[] },
  options: DeployOptions,
): Promise<number> {
  const ready = preflight(hosts);
  // What is still so when the run goes on another day.
  const lasting = partOf<z.ZodObject>(recorded[asked.name], options);
  const zygote = ready.some(({ enters }) => enters) ? await zygoteOf(consfig) : undefined;
  try {
    if (options.askSudo) await (await import("../askSudo.js")).askSudo(ready);
    return await run(ready, consfig, { ...asked, options: lasting }, options);
  } finally {
    await zygote?.close();
  }
}

/**
 * A zygote beside this process, which was not started as one that can be forked; no secret has been
 * read yet.
 */
async function zygoteOf(consfig: Consfig): Promise<Zygote> {
  const { startSeparateZygote } = await import("../../zygote/index.js");
  return startSeparateZygote({ modules: modulesOf(consfig) });
}

/**
 * The hosts that the words choose, of those that say how they are reached: others, e.g. chroots, are
 * deployed as a part of these. One that is called by its name has to say it.
 *
 * @throws UnknownHost, InvalidSelection, UsageError
 */
export async function deployable(
  consfig: Consfig,
  words: readonly string[],
): Promise<readonly Host[]> {
  const { hosts, named } = await selectHosts(consfig.hosts, words);
  const reached = hosts.filter((host) => host.deploy || named.has(host));
  for (const host of reached.length > 0 ? reached : hosts) chainOf(host);
  return reached;
}

/** The host with these properties alone. */
export function only(host: Host, props: readonly Propspec[]): Host {
  chainOf(host);
  return withOnly(host, inOrder(...props));
}

/** Hosts on which nothing matches are left out. @throws UsageError when nothing does on any */
async function thinned(
  hosts: readonly Host[],
  patterns: readonly string[],
): Promise<readonly Host[]> {
  const { onlyMatching, nothingMatches } = await import("../consfig/only.js");
  const chosen = hosts.flatMap((host) => {
    const props = onlyMatching(host.propspec, patterns);
    return props ? [withOnly(host, inOrder(props))] : [];
  });
  if (chosen.length > 0) return chosen;
  throw nothingMatches(
    patterns,
    hosts.map(({ propspec }) => propspec),
  );
}
