import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, readFileSync } from "node:fs";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { CappedOutput, collect } from "../core/index.js";
import { servingEnvironment } from "./environment.js";
import { ZygoteRefused } from "./errors.js";
import { ForkedZygote } from "./forkedZygote.js";
import { native } from "./native.js";
import { requiredFlags } from "./preconditions.js";
import { privateFlags } from "./private.js";
import { adopt } from "./probe.js";
import type { Zygote } from "./zygote.js";

/** How a zygote beside this process is made. */
export interface SeparateZygoteOptions extends ServingOptions {
  /** The modules that define the forms, as URLs: the zygote loads them. */
  readonly modules: readonly string[];
}

/** How it serves. */
export interface ServingOptions {
  /** How many grandchildren wait forked ahead. 1 unless said otherwise. */
  readonly spares?: number;
  /** How many grandchildren there may be at once; further requests wait. 128 unless said otherwise. */
  readonly concurrency?: number;
}

/** How much of what the program prints is kept, of its begin and again of its end. */
const printedLimit = 16 * 1024;
/** How long output is awaited once the process has ended. */
const graceMs = 250;

const program = fileURLToPath(new URL("./separateMain.js", import.meta.url));

/**
 * Starts a zygote as a program of its own, and makes it the one that `evalInGrandchild` asks: for a
 * process that was not started with the flags that forking needs.
 *
 * @throws ZygoteRefused, ZygoteDied
 */
export function startSeparateZygote(options: SeparateZygoteOptions): Promise<Zygote> {
  const { modules, spares = 1, ...rest } = options;
  const words = [process.execPath, ...requiredFlags, ...privateFlags, program, String(spares)];
  return startZygoteProgram([...words, ...modules], {}, rest);
}

/**
 * As {@link startSeparateZygote}, with any program that calls `serveAsSeparateZygote`. The variables are
 * added to its environment.
 */
export async function startZygoteProgram(
  [command = "", ...words]: readonly string[],
  variables: Readonly<Record<string, string>>,
  { concurrency }: Omit<ServingOptions, "spares"> = {},
): Promise<Zygote> {
  const [control, theirs] = native().socketpair();
  const child = spawn(command, words, {
    stdio: ["ignore", "ignore", "pipe", theirs],
    env: { ...servingEnvironment(), ...variables },
  });
  closeSync(theirs);
  child.unref();
  const zygote = new ForkedZygote(
    { control, pid: child.pid ?? 0 },
    {
      staleRandomness: false,
      concurrency,
      reap: () => {
        const { exitCode, signalCode } = child;
        const isOver = exitCode !== null || signalCode !== null || child.pid === undefined;
        return isOver ? { exitCode, signal: signalCode } : undefined;
      },
    },
  );
  try {
    await untilServing(child);
  } catch (error) {
    await zygote.close();
    throw error;
  }
  return adopt(zygote);
}

/**
 * Settles when the zygote has loaded its modules and serves: then it has closed the standard error that
 * it was started with.
 *
 * @throws ZygoteRefused with what the program has printed, when it has ended instead
 */
async function untilServing(child: ChildProcess): Promise<void> {
  const printed = new CappedOutput(printedLimit);
  const ended = once(child, "exit").then(() => sleep(graceMs, undefined, { ref: false }));
  // A process that its modules have started may keep the standard error open.
  await Promise.race([collect(child.stderr as Readable, printed), ended]);
  if (child.pid !== undefined && isRunning(child.pid)) return;
  const condition = "modules";
  const refused = new ZygoteRefused(
    condition,
    "its program ended while it loaded the modules",
    "check that they load by themselves",
  );
  throw Object.assign(refused, { facts: { ...refused.facts, output: printed.text() } });
}

/**
 * Whether the process has not begun to end. A process that ends gives up its memory before its
 * descriptors, so also before its standard error ends. The file that tells of it may be read by
 * everybody, whoever the process belongs to.
 */
function isRunning(pid: number): boolean {
  try {
    return /^VmRSS:/m.test(readFileSync(`/proc/${pid}/status`, "latin1"));
  } catch {
    return false;
  }
}
