import { closeSync } from "node:fs";
import { z } from "zod";
import { describeError } from "./errors.js";
import { ForkedZygote } from "./forkedZygote.js";
import { evaluateForm, form } from "./form.js";
import { encodeFrame, readFrame } from "./frames.js";
import { native } from "./native.js";
import { prerequestMessage, replyMessage, requestMessage } from "./protocol.js";

const echo = form("zygote.echo", {
  args: z.tuple([z.string()]),
  evaluate: (text) => text,
});

/**
 * Goes through the steps of a request with itself, so that their code is compiled once, in the
 * zygote, and not in each of its children.
 */
export function warmUp(rounds: number): void {
  const [one, other] = native().socketpair();
  for (let round = 0; round < rounds; round++) {
    const asked = echo(`round ${round}`);
    // Making a client is part of each request; it is never used.
    new ForkedZygote({ control: one, pid: process.ppid }, { staleRandomness: false });
    const prerequest = {
      kind: "prerequest",
      nested: true,
      leavesProcesses: false,
      staleRandomness: false,
      form: null,
    };
    native().write(one, encodeFrame(prerequest));
    native().write(one, encodeFrame({ kind: "request", form: { ...asked } }));
    const fill = (bytes: Buffer) => native().read(other, bytes);
    prerequestMessage.safeParse(readFrame(fill));
    const { data } = requestMessage.safeParse(readFrame(fill));
    if (!data) throw new Error("the request that warms up is not of the protocol");
    const value = evaluateForm(data.form);
    native().write(other, encodeFrame({ kind: "returned", exitCode: 0, value }));
    replyMessage.safeParse(readFrame((bytes) => native().read(one, bytes)));
    describeError(new Error("warmed up"));
  }
  closeSync(one);
  closeSync(other);
}
