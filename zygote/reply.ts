import type { Readable, Writable } from "node:stream";
import { z } from "zod";
import type { Wire } from "../core/index.js";
import { Answers } from "./answers.js";
import type { Listening } from "./conversation.js";
import { FrameReader } from "./frames.js";
import { inPhases } from "./phases.js";
import { interimMessage, type ReplyMessage, replyMessage } from "./protocol.js";

const spokenMessage = z.discriminatedUnion("kind", [replyMessage, interimMessage]);
const phases = [{ takes: ["said", "asked"], endsWith: ["returned", "threw"] }] as const;

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
  const answers = new Answers(to, listening);
  return new Promise((resolve, reject) => {
    let reply: ReplyMessage | undefined;
    let isOver = false;
    const end = (message: ReplyMessage) => {
      reply = message;
      // One that knows its exit code says it as its last act.
      if (message.exitCode !== undefined) resolve(message);
    };
    const take = inPhases(spokenMessage, phases, {
      said: ({ value }) => listening.onTold?.(value as Wire),
      asked: ({ id, question }) => answers.take(id, question as Wire),
      returned: end,
      threw: end,
    });
    from.on("data", (bytes: Buffer) => {
      if (isOver) return;
      try {
        for (const frame of reader.push(bytes)) take(frame);
      } catch (error) {
        isOver = true; // whatever it says now
        reject(error);
      }
    });
    // A reply that was cut short is none: its process was killed while it wrote.
    from.on("close", () => resolve(reply));
  });
}
