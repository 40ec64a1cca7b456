import { needsGrandchild } from "../../engine/enters.js";
import {
  chainOf,
  deployHost,
  deployThese,
  type Host,
  inOrder,
  type Propspec,
  prepareHost,
} from "../../engine/index.js";
import { withOnly } from "../../engine/prepare.js";
import type { Zygote } from "../../zygote/birth.js";
import { type Consfig, loadConsfig } from "../consfig/load.js";
import { selectHosts } from "../consfig/select.js";
import { type Job, type RunOptions, runJobs } from "../deployments.js";
import { compiledUrl } from "../package.js";
import { assertPrepared } from "../preparation.js";

/** The options that all commands which deploy have. */
export interface DeployOptions extends RunOptions {
  readonly consfig?: string;
  readonly askSudo: boolean;
}

/** Hosts have the properties that the consfig gives them, or only some of these. */
export async function deploy(
  words: readonly string[],
  options: DeployOptions & { readonly only: readonly string[] },
): Promise<number> {
  const { consfig } = await loadConsfig(options.consfig);
  const hosts = await deployable(consfig, words);
  const jobs = options.only.length > 0 ? await jobsOf(hosts, options.only) : hosts.map(whole);
  assertPrepared(jobs.map(({ host }) => host));
  return startJobs(jobs, consfig, options);
}

/** The jobs are done, with the person's password where it was asked for. */
export async function startJobs(
  jobs: readonly Job[],
  consfig: Consfig,
  options: DeployOptions,
): Promise<number> {
  const zygote = jobs.some(enters) ? await zygoteOf(consfig) : undefined;
  try {
    if (options.askSudo) await (await import("../askSudo.js")).askSudo();
    return await runJobs(jobs, options);
  } finally {
    await zygote?.close();
  }
}

/** Whether a hop is entered from this very machine, as only a copy of a process can. */
function enters({ host }: Job): boolean {
  const isUid0 = process.geteuid?.() === 0;
  return isUid0 && needsGrandchild(chainOf(host), prepareHost(host).propspec);
}

/** Beside this process, which was not started as one that can be forked, and before any secret is read. */
async function zygoteOf({ surroundings, url, beside }: Consfig): Promise<Zygote> {
  const { startSeparateZygote } = await import("../../zygote/index.js");
  const ours = beside.map((file) => new URL(file, compiledUrl).href);
  return startSeparateZygote({ modules: [surroundings, url, ...ours] });
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

/** The host has these properties alone. */
export function only(host: Host, props: readonly Propspec[]): Job {
  const chain = chainOf(host);
  return {
    host: withOnly(host, inOrder(...props)),
    run: (options) => deployThese(chain, host, props, options),
  };
}

function whole(host: Host): Job {
  return { host, run: (options) => deployHost(host, [], options) };
}

/** Hosts on which nothing matches are left out. @throws UsageError when nothing does on any */
async function jobsOf(
  hosts: readonly Host[],
  patterns: readonly string[],
): Promise<readonly Job[]> {
  const { onlyMatching, nothingMatches } = await import("../consfig/only.js");
  const jobs = hosts.flatMap((host): Job[] => {
    const props = onlyMatching(host.propspec, patterns);
    if (!props) return [];
    return [{ host, run: (options) => deployThese(chainOf(host), host, [props], options) }];
  });
  if (jobs.length === 0)
    throw nothingMatches(
      patterns,
      hosts.map(({ propspec }) => propspec),
    );
  return jobs;
}
