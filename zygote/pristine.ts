/** What a process of the pool runs: loads the modules it is given, then serves one request. */
import { once } from "node:events";
import { writeSync } from "node:fs";
import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { sealForGood } from "../core/definitions/index.js";
import { withResolvers } from "../core/index.js";
import { answerTakers, isAwaitingAnswers, openConversation } from "./conversation.js";
import { setZygote } from "./current.js";
import { describeError, FrameRejected } from "./errors.js";
import { evaluateForm } from "./form.js";
import { encodeFrame, FrameReader } from "./frames.js";
import { native } from "./native.js";
import { inPhases } from "./phases.js";
import { Pool } from "./pool.js";
import { keepPrivate } from "./private.js";
import {
  answerMessage,
  type PrerequestMessage,
  prerequestMessage,
  type ReplyMessage,
  type RequestMessage,
  requestMessage,
} from "./protocol.js";

const conversationFd = 3;
/** How long an answer that nobody needs any more may take to be written. */
const answerPatienceMs = 1000;
const anyMessage = z.discriminatedUnion("kind", [prerequestMessage, requestMessage, answerMessage]);
const phases = [
  { endsWith: ["prerequest"] },
  { endsWith: ["request"] },
  { takes: ["answer", "noAnswer"] },
] as const;
/** What Node itself exits with when a top-level promise never settles. */
const unsettledExitCode = 13;

const [requester, modules] = [Number(process.argv[2]), process.argv.slice(3)];
let isReplied = false;

for (const stream of [process.stdout, process.stderr]) {
  // Else what is printed last is lost when the process exits.
  const { _handle } = stream as unknown as { _handle?: { setBlocking?: (on: boolean) => void } };
  _handle?.setBlocking?.(true);
}
process.on("uncaughtExceptionMonitor", (error) => {
  if (process.listenerCount("uncaughtException") > 0) return; // somebody else will see to it
  reply({ kind: "threw", error: describeError(error) });
});
keepPrivate();
endWithRequester();
for (const module of modules) await import(module);
sealForGood("the pool's modules were loaded before it");
await serve();

async function serve(): Promise<void> {
  const conversation = new net.Socket({ fd: conversationFd, readable: true, writable: true });
  const messages = messagesOf(conversation);
  openConversation({ write: send });
  send(encodeFrame({ kind: "ready" }));
  try {
    const prerequest = await messages.prerequest;
    if (prerequest.form) await evaluateForm(prerequest.form);
    if (prerequest.nested) setZygote(new Pool({ modules, size: 0, execArgv: process.execArgv }));
    const request = await messages.request;
    // From here on only the form keeps this process going.
    conversation.unref();
    openConversation({ write: send, listen: () => conversation });
    process.once("beforeExit", () => {
      console.error("Warning: the form waits for a promise that nothing can settle any more");
      process.exit(unsettledExitCode);
    });
    const value = await evaluateForm(request.form);
    reply({ kind: "returned", ...(value !== undefined && { value }) });
    await untilUnasked(conversation);
    process.exit();
  } catch (error) {
    console.error(error);
    reply({ kind: "threw", error: describeError(error) });
    await untilUnasked(conversation);
    process.exit(Number(process.exitCode ?? 0) || 1);
  }
}

/** A form that never comes to rest would not notice that nobody waits for it. */
function endWithRequester(): void {
  try {
    if (!native().endWithParent(requester)) process.exit(1);
  } catch {
    // Without the addon, only a process that comes to rest notices it.
  }
}

/** Whoever is about to write an answer sees first that nobody waits: a failed write would keep it from reading. */
async function untilUnasked(conversation: net.Socket): Promise<void> {
  if (!isAwaitingAnswers()) return;
  conversation.ref().end();
  await Promise.race([once(conversation, "close"), sleep(answerPatienceMs)]);
}

/** The two messages that come first. When the requester is gone, this process and all it started end. */
function messagesOf(conversation: net.Socket) {
  const prerequest = withResolvers<PrerequestMessage>();
  const request = withResolvers<RequestMessage>();
  const take = inPhases(anyMessage, phases, {
    prerequest: prerequest.resolve,
    request: request.resolve,
    ...answerTakers,
  });
  const reader = new FrameReader();
  conversation.on("data", (bytes) => {
    for (const message of reader.push(bytes)) take(message);
  });
  conversation.on("error", () => {}); // 'close' follows
  conversation.on("close", () => {
    if (!isReplied) process.kill(-process.pid, "SIGKILL");
  });
  return { prerequest: prerequest.promise, request: request.promise };
}

function reply(message: ReplyMessage): void {
  if (isReplied) return;
  const frame = encodeFrame(message);
  isReplied = true;
  send(frame);
}

/** At once, since the process may end right after. */
function send(frame: Buffer): void {
  for (let done = 0; done < frame.length; ) {
    try {
      done += writeSync(conversationFd, frame, done);
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      if (code !== "EAGAIN") throw new FrameRejected("the requester is gone", {}, { cause: error });
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1); // until it has read some
    }
  }
}
