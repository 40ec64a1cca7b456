import type { Readable, Writable } from "node:stream";
import { z } from "zod";
import type { Wire } from "../core/index.js";
import { answerTo, type Listening } from "./conversation.js";
import { FrameRejected } from "./errors.js";
import { FrameReader } from "./frames.js";
import { interimMessage, type ReplyMessage, replyMessage } from "./protocol.js";

const spokenMessage = z.union([replyMessage, interimMessage]);

/**
 * The one reply of a process that evaluates a form, or undefined when it ends without. What it says
 * before is passed on and answered.
 *
 * @throws FrameRejected when it says anything else
 */
export function readReply(
  from: Readable,
  to: Writable,
  listening: Listening,
): Promise<ReplyMessage | undefined> {
  const reader = new FrameReader();
  return new Promise((resolve, reject) => {
    let reply: ReplyMessage | undefined;
    from.on("data", (bytes: Buffer) => {
      try {
        for (const frame of reader.push(bytes)) take(frame);
      } catch (error) {
        reject(error);
      }
    });
    // A reply that was cut short is none: its process was killed while it wrote.
    from.on("close", () => resolve(reply));

    function take(frame: Wire): void {
      const message = spokenMessage.safeParse(frame);
      if (!message.success || reply) throw new FrameRejected("a message is no reply");
      const { data } = message;
      if (data.kind === "said") listening.onTold?.(data.value as Wire);
      else if (data.kind === "asked") void answer(data.id, data.question as Wire);
      else {
        reply = data;
        // One that knows its exit code says it as its last act.
        if (data.exitCode !== undefined) resolve(reply);
      }
    }
  });

  async function answer(id: number, question: Wire): Promise<void> {
    const frame = await answerTo(listening, id, question);
    if (to.writable) to.write(frame);
  }
}
