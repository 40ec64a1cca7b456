import { spawn } from "node:child_process";
import { constants } from "node:os";

export interface ShellResult {
  readonly stdout: string;
  readonly stderr: string;
  /** Exit status, or 128 + signal number. */
  readonly code: number;
}

export interface RunOptions {
  /** Standard input; empty without. */
  readonly input?: string | Uint8Array;
  readonly env?: NodeJS.ProcessEnv;
  /** SIGKILL after this time. */
  readonly timeoutMs?: number;
}

export function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<ShellResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: "pipe",
      ...(options.env && { env: options.env }),
      ...(options.timeoutMs !== undefined && {
        timeout: options.timeoutMs,
        killSignal: "SIGKILL" as const,
      }),
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
    child.on("error", reject);
    // A command need not read its input.
    child.stdin.on("error", () => {});
    child.stdin.end(options.input);
    child.on("close", (code, signal) => {
      resolve({
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
        code: code ?? 128 + (signal ? constants.signals[signal] : 0),
      });
    });
  });
}

export async function mustRun(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const { stdout, stderr, code } = await run(command, args, options);
  if (code !== 0) throw new Error(`testbed: ${command} ended with ${code}: ${stderr.trim()}`);
  return stdout;
}
