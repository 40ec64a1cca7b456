import { UsageError } from "../../engine/base/index.js";
import { type Run, readRun } from "../../engine/journal/index.js";
import { runsOf } from "../consfig/find.js";
import { apply } from "./apply.js";
import { type DeployOptions, deploy } from "./deploy.js";
import { dump } from "./dump.js";

/** What the command line says anew when a run goes on. */
export type ResumeOptions = Pick<DeployOptions, "consfig" | "verbosity" | "json" | "askSudo">;

/**
 * A run goes on: the hosts that did not end well are deployed, as that run's command line had it. What
 * is known to be done of a host whose properties are the same is not done again.
 *
 * @throws UnknownRun, RunGoesOn, JournalFailed; UsageError when nothing is left to do
 */
export async function resume(wanted: string, options: ResumeOptions): Promise<number> {
  const resumed = await readRun(wanted, runsOf(options));
  const left = [...resumed.hosts.values()].filter(({ state }) => state !== "ok");
  if (left.length === 0) {
    throw new UsageError(`nothing is left to do of the run ${resumed.id}`, {
      hint: "consfig report tells what it came to",
    });
  }
  return again(
    resumed,
    left.map(({ host }) => host),
    options,
  );
}

function again(resumed: Run, hosts: readonly string[], options: ResumeOptions): Promise<number> {
  const { name, words, options: before } = resumed.command;
  // Written by this same program: its own command line, read and checked.
  const all = { ...(before as object as Recorded), ...options, consfig: resumed.consfig, resumed };
  if (name === "deploy") return deploy(hosts, all);
  if (name === "dump") return dump(hosts, all);
  return apply([...hosts, ...words], { ...all, all: false });
}

type Recorded = Parameters<typeof deploy>[1] &
  Parameters<typeof apply>[1] &
  Parameters<typeof dump>[1];
