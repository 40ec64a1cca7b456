/** What a process that evaluates a form and whoever asked for it say to each other meanwhile. */
import type { Wire } from "../core/index.js";
import { describeError, NobodyAnswers } from "./errors.js";
import { encodeFrame, FrameReader } from "./frames.js";
import { inPhases } from "./phases.js";
import { type AnswerMessage, answerMessage } from "./protocol.js";

/** The process's end of the conversation. */
export interface Line {
  /** Writes the bytes at once. */
  readonly write: (frame: Buffer) => void;
  /**
   * Begins to read; the handle says whether that keeps the process going. Left out while what
   * comes next is not an answer: during the prerequest it is the request.
   */
  readonly listen?: (take: (bytes: Buffer) => void) => Handle;
}

interface Handle {
  ref(): unknown;
  unref(): unknown;
}

/** How many questions may be open at once: further ones wait. */
export const mostQuestions = 64;

interface Asked {
  resolve(value: Wire): void;
  reject(reason: unknown): void;
}

let line: Line | undefined;
let listening: Handle | undefined;
let nextId = 1;
const asked = new Map<number, Asked>();
/** What sends further questions, when others have been answered. */
const waiting: (() => void)[] = [];

/** From now on this process can tell and ask. */
export function openConversation(opened: Line): void {
  line = opened;
}

/**
 * Whoever asked for the evaluation that runs in this process is told the value, now.
 *
 * @throws NobodyAnswers outside of a grandchild, FrameRejected
 */
export function tell(value: Wire): void {
  theLine().write(encodeFrame({ kind: "said", value }));
}

/**
 * What whoever asked for the evaluation that runs in this process answers.
 *
 * @throws NobodyAnswers when nobody does, or the answer is an error; FrameRejected
 */
export async function ask(question: Wire): Promise<Wire> {
  const { write, listen } = theLine();
  if (!listen) {
    throw new NobodyAnswers("a prerequest cannot ask", { hint: "ask in the request" });
  }
  const id = nextId++;
  const frame = encodeFrame({ kind: "asked", id, question });
  const reading = listening ?? listen(answers());
  listening = reading;
  return new Promise<Wire>((resolve, reject) => {
    const send = () => {
      asked.set(id, { resolve, reject });
      reading.ref();
      write(frame);
    };
    if (asked.size < mostQuestions) send();
    else waiting.push(send);
  });
}

function answers(): (bytes: Buffer) => void {
  const reader = new FrameReader();
  const take = inPhases(answerMessage, [{ takes: ["answer", "noAnswer"] }], answerTakers);
  return (bytes) => {
    for (const one of reader.push(bytes)) take(one);
  };
}

/** Whether somebody may be about to write an answer. */
export function isAwaitingAnswers(): boolean {
  return asked.size > 0;
}

function takeAnswer(message: AnswerMessage): void {
  const one = asked.get(message.id);
  asked.delete(message.id);
  if (one) waiting.shift()?.();
  // Once all is answered only the form keeps its process going.
  if (asked.size === 0) listening?.unref();
  if (message.kind === "answer") one?.resolve(message.value as Wire);
  else one?.reject(new NobodyAnswers(message.error.message, { ...message.error }));
}

/** What is done with the answers among the messages that come. */
export const answerTakers = { answer: takeAnswer, noAnswer: takeAnswer };

function theLine(): Line {
  if (line) return line;
  throw new NobodyAnswers("this process evaluates nothing for another one", {
    hint: "tell and ask are for forms that are evaluated in a grandchild",
  });
}

/** How whoever asks for an evaluation takes part in the conversation. */
export interface Listening {
  /** Called with each value that the evaluation tells. */
  readonly onTold?: (value: Wire) => void;
  /** Answers what the evaluation asks. */
  readonly answer?: (question: Wire) => Promise<Wire>;
}

/** The message that answers a question, whatever comes of it. */
export async function answerTo(
  { answer }: Listening,
  id: number,
  question: Wire,
): Promise<AnswerMessage> {
  try {
    if (!answer) throw new NobodyAnswers("whoever asked for this evaluation answers nothing");
    const value = await answer(question);
    return { kind: "answer", id, value };
  } catch (thrown) {
    return noAnswer(id, thrown);
  }
}

/** The message that there is no answer. */
export function noAnswer(id: number, thrown: unknown): AnswerMessage {
  const { name, message, code } = describeError(thrown);
  return { kind: "noAnswer", id, error: { name, message, ...(code && { code }) } };
}
