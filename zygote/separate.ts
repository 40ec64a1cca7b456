import { spawn } from "node:child_process";
import { closeSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Zygote } from "./birth.js";
import { servingEnvironment } from "./environment.js";
import { ForkedZygote } from "./forkedZygote.js";
import { native } from "./native.js";
import { requiredFlags } from "./preconditions.js";
import { adopt } from "./probe.js";

/** How a zygote beside this process is made. */
export interface SeparateZygoteOptions {
  /** The modules that define the forms, as URLs: the zygote loads them. */
  readonly modules: readonly string[];
  /** How many grandchildren wait forked ahead. 1 unless said otherwise. */
  readonly spares?: number;
  /** How many grandchildren there may be at once; further requests wait. 128 unless said otherwise. */
  readonly concurrency?: number;
}

const program = fileURLToPath(new URL("./separateMain.js", import.meta.url));

/**
 * Starts a zygote as a program of its own, and makes it the one that `evalInGrandchild` asks: for a
 * process that was not started with the flags that forking needs.
 *
 * @throws ZygoteRefused, ZygoteDied
 */
export async function startSeparateZygote(options: SeparateZygoteOptions): Promise<Zygote> {
  const { modules, spares = 1, concurrency } = options;
  const [control, theirs] = native().socketpair();
  const words = [...requiredFlags, program, String(spares), ...modules];
  const child = spawn(process.execPath, words, {
    stdio: ["ignore", "ignore", "inherit", theirs],
    env: servingEnvironment(),
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
  return adopt(zygote);
}
