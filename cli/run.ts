import { isError, UsageError } from "../engine/errors.js";
import { Fleet, type FleetOptions } from "../engine/fleet/fleet.js";
import type { Result } from "../engine/fleet/result.js";
import { carryOutHere } from "../engine/fleet/task.js";
import type { Consfig } from "./consfig/load.js";
import { exitCode } from "./exitCode.js";
import { heedSignals } from "./interruption.js";
import type { Surveyed } from "./preparation.js";
import { chooseRenderer } from "./render/choose.js";
import { endingOf } from "./render/ending.js";
import { type Share, shareOf } from "./share.js";
import { threadsFor } from "./threads.js";

/** What the command line says of how hosts are deployed. */
export interface RunOptions {
  readonly verbosity: number;
  readonly json: boolean;
  readonly parallel: FleetOptions["parallel"];
  /** Threads that do it; 0: this one. Left out: as many as are worth it. */
  readonly threads?: number;
  readonly rolling?: Share;
  readonly maxFailures?: Share;
  /** So many, or those that the word chooses, go first. */
  readonly canary?: string;
  readonly each: FleetOptions["each"];
}

/** The hosts are deployed, several at once, and shown. The command's exit code. */
export async function run(
  surveyed: readonly Surveyed[],
  consfig: Consfig,
  options: RunOptions,
): Promise<number> {
  const names = surveyed.map(({ host }) => host.host);
  const renderer = await chooseRenderer(names, options);
  const interruption = heedSignals(() =>
    renderer.note("stopping: commands on hosts are being ended; once more to leave at once"),
  );
  const begun = performance.now();
  const pool = await threadsFor(names.length, consfig, options.threads);
  try {
    const { rolling, maxFailures } = options;
    const entering = new Set(surveyed.filter(({ enters }) => enters).map(({ host }) => host));
    const fleet = new Fleet(
      surveyed.map(({ host, limits }) => ({ host, limits, isCanary: false })),
      {
        ...(rolling && { slots: Math.max(1, shareOf(rolling, names.length)) }),
        ...(maxFailures && { maxFailures: shareOf(maxFailures, names.length) }),
        ...(pool && { busy: () => pool.busy() }),
        parallel: options.parallel,
        each: options.each,
        listener: renderer.listener,
        signal: interruption.signal,
        // What enters a hop from here needs this process' own zygote.
        carryOut: (host) => (pool && !entering.has(host) ? pool.carryOut : carryOutHere),
        onResult: ({ host, error }) => {
          if (error !== undefined) renderer.broke(host, error);
        },
      },
    );
    const { results } = await fleet.deploy();
    const code = interruption.exitCode ?? codeFor(results);
    renderer.end({ results, durationMs: performance.now() - begun, exitCode: code });
    return code;
  } finally {
    interruption.end();
    renderer.close();
    await pool?.close();
  }
}

/** 3 wins over 4: a host that could not be reached is seen by its absence, a failure is not. */
function codeFor(results: readonly Result[]): number {
  const endings = new Set(results.map(endingOf));
  const failed = results.filter((result) => endingOf(result) === "failed");
  if (failed.some(({ error }) => !isError(error, UsageError))) return exitCode.failed;
  if (failed.length > 0) return exitCode.usage;
  return endings.has("unreachable") ? exitCode.unreachable : exitCode.ok;
}
