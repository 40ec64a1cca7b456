import os from "node:os";
import { localAccount } from "../connections/ssh/shared.js";
import { defined } from "../core/index.js";
import { isError, LockHeld, UsageError } from "../engine/base/index.js";
import { deployHere, Fleet, type Member } from "../engine/fleet/index.js";
import { endingOf, isWell, type Result } from "../engine/fleet/result.js";
import { chainOf, type Host, type Listener } from "../engine/index.js";
import {
  earlierOf,
  type HostHeader,
  Journal,
  type Run,
  type RunHeader,
} from "../engine/journal/index.js";
import { describeChain } from "../engine/model/index.js";
import type { RunningOptions } from "./commandLine/options.js";
import type { Consfig } from "./consfig/load.js";
import { selectHosts } from "./consfig/select.js";
import { exitCode } from "./exitCode.js";
import { heedSignals } from "./interruption.js";
import type { ReadyHost } from "./preflight.js";
import { chooseRenderer, type OutputOptions } from "./render/choose.js";
import { shareIn, shareOf } from "./share.js";
import { threadsFor } from "./threads.js";

/** What the command line says of how hosts are deployed, and what that is told by. */
export interface RunOptions extends RunningOptions, OutputOptions {
  /** A run that did not come to its end, and goes on with this. */
  readonly resumed?: Run;
}

/** The hosts are deployed, several at once, shown, and told of in a journal. The command's exit code. */
export async function run(
  ready: readonly ReadyHost[],
  consfig: Consfig,
  command: RunHeader["command"],
  options: RunOptions,
): Promise<number> {
  const hosts = ready.map(({ host }) => host);
  const names = hosts.map(({ host }) => host);
  const canaries = await canariesOf(hosts, options.canary);
  const journal = await begun(ready, consfig, command, options.resumed);
  const renderer = await chooseRenderer(names, options);
  const interruption = heedSignals(() =>
    renderer.note("stopping: commands on hosts are being ended; once more to leave at once"),
  );
  const begin = performance.now();
  const pool = await threadsFor(names.length, consfig, options.threads);
  try {
    const { rolling, maxFailures, resumed } = options;
    const listener: Listener = (event) => {
      journal.listener(event);
      renderer.listener(event);
    };
    // A host whose chain enters a hop from here needs this process's own zygote, so this thread
    // deploys it.
    const entering = new Set(ready.filter(({ enters }) => enters).map(({ host }) => host));
    const members = ready.map((one) => memberOf(one, canaries.has(one.host), resumed));
    const fleet = new Fleet(members, {
      ...defined({
        slots: rolling && Math.max(1, shareOf(rolling, names.length)),
        maxFailures: maxFailures && shareOf(maxFailures, names.length),
        busy: pool && (() => pool.busy()),
      }),
      parallel: options.parallel,
      each: {
        ...options.each,
        lock: { holder: holderOf(journal.run), waitMs: options.lockWaitMs },
      },
      listener,
      signal: interruption.signal,
      deployer: (host) => (pool && !entering.has(host) ? pool.deploy : deployHere),
      onResult: ({ host, error }) => {
        if (error === undefined) return;
        journal.crashed(host, error);
        renderer.crashed(host, error);
      },
    });
    void journal.failure.then((error) => {
      renderer.note(`${error.message}; no other host is begun`);
      fleet.stop("the journal cannot be written");
    });
    const { results, stopped } = await fleet.deploy();
    const code = interruption.exitCode ?? codeFor(results);
    // That the journal cannot be written was told already.
    await journal.end(code, stopped).catch(() => {});
    renderer.end({
      results,
      durationMs: performance.now() - begin,
      exitCode: code,
      run: journal.run,
      ...defined({ stopped }),
    });
    return code;
  } finally {
    interruption.end();
    renderer.close();
    await pool?.close();
  }
}

/** @throws JournalFailed, RunGoesOn before any host is contacted */
async function begun(
  ready: readonly ReadyHost[],
  { file }: Consfig,
  command: RunHeader["command"],
  resumed: Run | undefined,
): Promise<Journal> {
  const hosts = ready.map(({ host, tags, fingerprint }): HostHeader => {
    return {
      host: host.host,
      chain: describeChain(chainOf(host), host.host),
      tags,
      plan: fingerprint,
    };
  });
  if (resumed) return Journal.resume(resumed.id, hosts);
  return Journal.begin({ consfig: file, command, hosts });
}

async function canariesOf(
  hosts: readonly Host[],
  canary: string | undefined,
): Promise<ReadonlySet<Host>> {
  if (canary === undefined) return new Set();
  const share = shareIn(canary);
  if (share) return new Set(hosts.slice(0, shareOf(share, hosts.length)));
  return new Set((await selectHosts(hosts, [canary])).hosts);
}

function memberOf(
  { host, limits, fingerprint }: ReadyHost,
  isCanary: boolean,
  resumed?: Run,
): Member {
  const before = resumed?.hosts.get(host.host);
  const earlier = before?.plan === fingerprint ? earlierOf(before) : undefined;
  return { host, limits, isCanary, ...defined({ earlier }) };
}

/** Who deploys, for others who want to deploy the same host meanwhile. */
function holderOf(run: string): string {
  return `${localAccount().name}@${os.hostname()}, process ${process.pid}, run ${run}`;
}

/**
 * The exit code: 0 only if all hosts ended well. 3 wins over 4: one sees that a host was not reached by its
 * absence, but not a failure. What was not begun, or was cancelled by somebody else than this process, has
 * failed.
 */
function codeFor(results: readonly Result[]): number {
  const bad = results.filter((result) => !isWell(result));
  if (bad.length === 0) return exitCode.ok;
  const reached = bad.filter((result) => endingOf(result) !== "unreachable");
  const others = reached.filter(({ report }) => !isError(report?.error, LockHeld));
  if (others.some(({ error }) => !isError(error, UsageError))) return exitCode.failed;
  if (others.length > 0) return exitCode.usage;
  return reached.length < bad.length ? exitCode.unreachable : exitCode.lockHeld;
}
