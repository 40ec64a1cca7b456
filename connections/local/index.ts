import { spawn } from "node:child_process";
import { z } from "zod";
import { type ByteStream, childStream, hopType, type Transport } from "../../engine/index.js";

/** This machine, as the account that runs this process. Only ever the first hop. */
export const local = hopType<"node", []>("local", {
  gives: "node",
  args: z.tuple([]),
  desc: () => "local",
  open: async () => localTransport,
  isHere: true,
});

const localTransport: Transport = {
  description: "local",
  open: async (command) => localStream(command),
  close: async () => {},
};

function localStream(command: string): ByteStream {
  // A session of its own: a Ctrl-C typed at our terminal is ours to act on, not the shell's.
  return childStream(spawn("sh", ["-c", command], { stdio: "pipe", detached: true }));
}
