#!/usr/bin/env node
/**
 * The program `consfig`. What can be asked for is in `commandLine/`, and what is then done in `commands/`.
 * `consfig/` finds and loads the consfig and chooses hosts, `run.ts` deploys them, `render/` shows what
 * happens, `report/` tells of runs that are over, `evaluation/` evaluates forms.
 *
 * This room may import all others.
 */
import { keepPrivate } from "../zygote/private.js";
import { commandLine } from "./commandLine/program.js";
import { waiting } from "./consfig/waiting.js";
import { exitCode } from "./exitCode.js";

// A process that can be forked is looked at before: see `FormProcesses`.
if (!process.execArgv.includes("--single-threaded")) keepPrivate();

// Whoever read what we print is gone: there is nobody to tell, and what we are doing goes on.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

/** An error of a timer or a promise of the consfig's own that nobody waits for is being told. */
let telling: Promise<void> | undefined;
process.on("uncaughtException", (error) => {
  telling = tell(error);
});

async function tell(error: Error): Promise<void> {
  const { failsMeanwhile } = await import("./consfig/loadingError.js");
  const { hideAllIn } = await import("../engine/report/index.js");
  const { reportErrors } = await import("./render/report.js");
  await reportErrors([{ error: failsMeanwhile(hideAllIn(error)) }], 0);
  const { stopRun } = await import("./interruption.js");
  if (!stopRun(exitCode.usage)) process.exit(exitCode.usage);
}

process.on("exit", () => {
  // Node exits with 13 when a promise is awaited that nothing is left to settle.
  if (process.exitCode !== 13) return;
  const what = [...waiting].join(" and ") || "something";
  process.stderr.write(`E_CONSFIG_INVALID  the consfig waits for ${what} that never comes\n`);
  process.exitCode = exitCode.usage;
});

const program = await commandLine(process.argv.slice(2));
await program.parseAsync();
await telling;
// Connections that were given up may keep a socket open for a while.
process.exit();
