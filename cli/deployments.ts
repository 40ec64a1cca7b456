import { Cancelled, isError, UsageError } from "../engine/errors.js";
import type { DeploymentOptions, DeploymentReport, Host, Listener } from "../engine/index.js";
import { exitCode } from "./exitCode.js";
import { heedSignals } from "./interruption.js";
import { chooseRenderer } from "./render/choose.js";
import type { Renderer, Result } from "./render/renderer.js";
import { hasFailed, isUnreachable } from "./render/summary.js";

/** What the command line says of how hosts are deployed. */
export interface RunOptions {
  readonly verbosity: number;
  readonly json: boolean;
  /** As many hosts at once. */
  readonly parallel: number;
  readonly acceptNewHostKey: boolean;
}

/** One host's deployment. */
export interface Job {
  readonly host: Host;
  run(options: DeploymentOptions): Promise<DeploymentReport>;
}

/** The jobs are done, several at once, and shown. The command's exit code. */
export async function runJobs(jobs: readonly Job[], options: RunOptions): Promise<number> {
  const names = jobs.map(({ host }) => host.host);
  const renderer = await chooseRenderer(names, options);
  const interruption = heedSignals(() =>
    renderer.note("stopping: commands on hosts are being ended; once more to leave at once"),
  );
  const begun = performance.now();
  const results: Result[] = names.map((host) => ({ host }));
  const deploymentOptions: DeploymentOptions = {
    signal: interruption.signal,
    acceptNewHostKey: options.acceptNewHostKey,
  };
  try {
    await eachOf(jobs, options.parallel, async (job, index) => {
      if (interruption.signal.aborted) return;
      results[index] = await resultOf(job, deploymentOptions, renderer);
    });
    const code = interruption.exitCode ?? codeFor(results);
    renderer.end({ results, durationMs: performance.now() - begun, exitCode: code });
    return code;
  } finally {
    interruption.end();
    renderer.close();
  }
}

async function resultOf(
  { host, run }: Job,
  options: DeploymentOptions,
  renderer: Renderer,
): Promise<Result> {
  // A host can be said to have another name than the one it has on the command line.
  const listener: Listener = (event) => renderer.listener({ ...event, host: host.host });
  try {
    return { host: host.host, report: await run({ ...options, listener }) };
  } catch (error) {
    // One host's mistake, even if it is ours, does not keep the others from being deployed.
    renderer.broke(host.host, error);
    return { host: host.host, error };
  }
}

/** 3 wins over 4: a host that could not be reached is seen by its absence, a failure is not. */
function codeFor(results: readonly Result[]): number {
  const bad = results.filter(hasFailed).filter(({ report }) => !isError(report?.error, Cancelled));
  if (bad.some((result) => !isUnreachable(result) && !isError(result.error, UsageError))) {
    return exitCode.failed;
  }
  if (bad.some((result) => isError(result.error, UsageError))) return exitCode.usage;
  return bad.length > 0 ? exitCode.unreachable : exitCode.ok;
}

/** The work is done for each of the items, for so many at once. */
async function eachOf<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  const rest = items.entries();
  const worker = async () => {
    for (const [index, item] of rest) await work(item, index);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
}
