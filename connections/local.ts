import { spawn } from "node:child_process";
import { z } from "zod";
import { type ByteStream, hopType, type StreamEnd, type Transport } from "../engine/index.js";

/** This machine, as the account that runs this process. Only ever the first hop. */
export const local = hopType<"node", []>("local", {
  gives: "node",
  args: z.tuple([]),
  desc: () => "local",
  open: async () => localTransport,
});

const localTransport: Transport = {
  description: "local",
  open: async (command) => localStream(command),
  close: async () => {},
};

function localStream(command: string): ByteStream {
  // A session of its own: a Ctrl-C typed at our terminal is ours to act on, not the shell's.
  const child = spawn("sh", ["-c", command], { stdio: "pipe", detached: true });
  const ended = new Promise<StreamEnd>((resolve) => {
    child.once("error", () => resolve({ exitCode: 127 }));
    child.once("close", (code, signal) =>
      resolve({ ...(code === null ? {} : { exitCode: code }), ...(signal ? { signal } : {}) }),
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
