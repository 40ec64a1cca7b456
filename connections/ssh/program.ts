import { type ChildProcessByStdio, execFile, spawn } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Readable, Writable } from "node:stream";

/** The path of a program in PATH, or `undefined`. */
export function findProgram(name: string): string | undefined {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    if (folder === "") continue;
    const path = join(folder, name);
    try {
      // No error is made where there is no file: nobody would look at it, and making it takes long.
      if (!statSync(path, { throwIfNoEntry: false })?.isFile()) continue;
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // The file is not for us to run: the next folder is looked at.
    }
  }
  return undefined;
}

/** What a short program said. */
export interface ProgramResult {
  /** `undefined` when a signal or the time limit ended it. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program that is expected to be quick and to say little; at most 1 MiB is kept. */
export function runProgram(
  path: string,
  words: readonly string[],
  options: { timeoutMs: number; signal?: AbortSignal | undefined },
): Promise<ProgramResult> {
  return new Promise((resolve) => {
    const child = execFile(
      path,
      words,
      {
        env: unattended(),
        timeout: options.timeoutMs,
        killSignal: "SIGKILL",
        maxBuffer: 1 << 20,
        ...(options.signal ? { signal: options.signal } : {}),
      },
      (error, stdout, stderr) => {
        const code = error ? error.code : 0;
        resolve({ exitCode: typeof code === "number" ? code : undefined, stdout, stderr });
      },
    );
    child.stdin?.on("error", () => {});
    child.stdin?.end();
  });
}

/** The environment in which `ssh` asks nobody anything and speaks the language we can read. */
export function unattended(): NodeJS.ProcessEnv {
  const { DISPLAY: _display, SSH_ASKPASS: _askpass, ...environment } = process.env;
  return { ...environment, SSH_ASKPASS_REQUIRE: "never", LC_ALL: "C" };
}

/**
 * Starts a program with pipes, in a session of its own: it has no terminal to ask at, and Ctrl-C at
 * ours is for us to handle. `undefined` when there are no descriptors left for it.
 */
export function spawnSession(
  path: string,
  words: readonly string[],
  env: NodeJS.ProcessEnv,
): ChildProcessByStdio<Writable, Readable, Readable> | undefined {
  const child = spawn(path, words, { stdio: ["pipe", "pipe", "pipe"], env, detached: true });
  // Contrary to its type: after EMFILE there are no streams.
  if (child.stdin as Writable | undefined) return child;
  child.on("error", () => {});
  return undefined;
}
