import { spawn } from "node:child_process";
import { lastLines, MissingDataSource } from "../../engine/index.js";

/** How a program on this machine is run. */
export interface ProgramOptions {
  /** What it reads. None: what this process would, so that it may find the terminal to ask at. */
  readonly input?: Uint8Array;
  readonly env?: NodeJS.ProcessEnv;
  /** What it was for, for errors: "decrypting /a/b.gpg". */
  readonly purpose: string;
  /** What the person can do when it fails. */
  readonly hint?: string;
}

/**
 * What a program on this machine prints. Secrets go in by `input` and come out here; they are no
 * words of the command, which everybody on the machine may read.
 *
 * @throws MissingDataSource when it is not installed, or fails; with what it said on stderr.
 */
export async function outputOf(
  [program = "", ...words]: readonly string[],
  { input, env = process.env, purpose, hint }: ProgramOptions,
): Promise<Buffer> {
  const child = spawn(program, words, { stdio: [input ? "pipe" : "inherit", "pipe", "pipe"], env });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => stderr.push(chunk));
  // It may end without having read everything; its exit code tells.
  child.stdin?.on("error", () => {});
  child.stdin?.end(input);
  const ending = await new Promise<string | undefined>((resolve, reject) => {
    child.once("error", (cause) => reject(notStarted(program, purpose, cause)));
    child.once("close", (code, signal) =>
      resolve(code === 0 ? undefined : signal ? `by ${signal}` : `with exit code ${code}`),
    );
  });
  if (ending === undefined) return Buffer.concat(stdout);
  const said = lastLines(Buffer.concat(stderr).toString("utf8"), 5);
  throw new MissingDataSource(`${purpose}: ${program} ended ${ending}${said && `\n${said}`}`, {
    program,
    ...(hint ? { hint } : {}),
  });
}

function notStarted(program: string, purpose: string, cause: Error): MissingDataSource {
  const why = "code" in cause && cause.code === "ENOENT" ? "is not installed here" : cause.message;
  const hint = `install ${program} on this machine`;
  return new MissingDataSource(`${purpose}: ${program} ${why}`, { program, hint }, { cause });
}
