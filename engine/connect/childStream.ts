import type { ChildProcessByStdio } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { defined } from "../../core/index.js";
import type { ByteStream, StreamEnd } from "../model/index.js";

/** What a child process of this one reads and prints, all of them pipes, as a byte stream. */
export function childStream(child: ChildProcessByStdio<Writable, Readable, Readable>): ByteStream {
  const ended = new Promise<StreamEnd>((resolve) => {
    child.once("error", () => resolve({ exitCode: 127 }));
    child.once("close", (code, signal) =>
      resolve(defined({ exitCode: code ?? undefined, signal: signal ?? undefined })),
    );
  });
  child.stdin.on("error", () => {}); // told by `ended`
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    ended,
    destroy: () => {
      // The program at the other end sees that nobody is there any more, and ends all it started.
      child.stdin.destroy();
      child.stdout.destroy();
      child.stderr.destroy();
    },
  };
}
