import type { Writable } from "node:stream";
import type { Wire } from "../core/index.js";
import { answerTo, type Listening, mostQuestions, noAnswer } from "./conversation.js";
import { FrameRejected } from "./errors.js";
import { encodeFrame } from "./frames.js";
import type { AnswerMessage } from "./protocol.js";

/** What is answered to a process that evaluates a form. */
export class Answers {
  readonly #to: Writable;
  readonly #listening: Listening;
  #open = 0;
  /** Settles when the last answer has been taken: for who does not read, only one is made ready. */
  #written: Promise<unknown> = Promise.resolve();

  constructor(to: Writable, listening: Listening) {
    this.#to = to;
    this.#listening = listening;
  }

  /** Answers the question, in its own time. @throws FrameRejected for too many at once */
  take(id: number, question: Wire): void {
    if (++this.#open > mostQuestions) {
      throw new FrameRejected(`more than ${mostQuestions} questions at once`);
    }
    void answerTo(this.#listening, id, question).then((message) => {
      this.#written = this.#written.then(() => this.#write(message));
    });
  }

  #write(message: AnswerMessage): Promise<void> {
    this.#open--; // whoever has the answer may ask again
    return new Promise((resolve) => {
      if (!this.#to.writable) resolve();
      else this.#to.write(frameOf(message), () => resolve());
    });
  }
}

function frameOf(message: AnswerMessage): Buffer {
  try {
    return encodeFrame(message);
  } catch (unserialisable) {
    return encodeFrame(noAnswer(message.id, unserialisable));
  }
}
