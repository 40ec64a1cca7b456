/**
 * An executable is no Node, though Node's own `process.execPath` names it: what starts that with a module or
 * with flags would start the whole program again, which would do the same. It is refused: to whoever
 * starts it, and, where that cannot be seen, by the process that has been started.
 */
import childProcess, { ChildProcess } from "node:child_process";
import { ExecutableIsNoNode } from "../base/index.js";
import { runsFrom } from "./runtime.js";

type Start = (this: unknown, ...words: unknown[]) => unknown;

const hint = "name a Node that is installed there, or use grandchildren: evalInGrandchild(…)";

/** From now on this process does not start its own program, unless its environment has the variable. */
export function refuseToStartItself(variable: string): void {
  // All that starts a program without waiting for it comes here; Node's types do not tell of it.
  const prototype = ChildProcess.prototype as unknown as Record<"spawn", Start>;
  const { spawn } = prototype;
  prototype.spawn = function (options, ...rest) {
    const { file, envPairs = [] } = options as { file: string; envPairs?: readonly string[] };
    if (!envPairs.some((one) => one.startsWith(`${variable}=`))) assertAnother(file);
    return spawn.call(this, options, ...rest);
  };
  const waiting = childProcess as unknown as Record<"spawnSync" | "execFileSync", Start>;
  for (const name of ["spawnSync", "execFileSync"] as const) {
    const start = waiting[name];
    waiting[name] = (file, ...rest) => {
      assertAnother(String(file));
      return start(file, ...rest);
    };
  }
}

/** The error that it is, if this process's program has started itself, as if it were Node. */
export function startedByItself(): ExecutableIsNoNode | undefined {
  const { NODE_CHANNEL_FD } = process.env;
  if (NODE_CHANNEL_FD === undefined && !runsFrom(`/proc/${process.ppid}/exe`)) return undefined;
  return new ExecutableIsNoNode(`${process.execPath} has been started by itself`, { hint });
}

/** @throws ExecutableIsNoNode */
function assertAnother(file: string): void {
  if (!runsFrom(file)) return;
  throw new ExecutableIsNoNode(`${file} is this program itself, and no Node`, { hint });
}
