/**
 * The Node image: this program on a managed host, at the end of a byte stream.
 *
 * In this order: the modules were loaded; the zygote is forked; only then the request is read from
 * the stream. Whoever is at its other end has all the say; when it ends, everything here does.
 */
import net from "node:net";
import { sealDefinitions } from "../../../core/definitions/index.js";
import { ownHome } from "../../../core/index.js";
import {
  answerTakers,
  describeError,
  encodeFrame,
  evaluateForm,
  type Form,
  FrameReader,
  inPhases,
  openConversation,
  type ReplyMessage,
  tell,
} from "../../../zygote/client.js";
import { keepPrivate } from "../../../zygote/private.js";
import { native, startZygote } from "../../../zygote/server.js";
import type { KeptModules } from "../../modules/index.js";
import { dataDirectory, keepDataIn } from "../dataCache.js";
import { imageMessage } from "../protocol.js";
import type { BootOrder } from "./boot.js";
import { passOnModules } from "./passOn.js";

/** A number that nothing else will have. */
const conversationFd = 100;
/** One request, and then only what concerns it. */
const phases = [
  { endsWith: ["request"] },
  { takes: ["answer", "noAnswer", "ping", "cancel"] },
] as const;

/** Serves the one who started this process: one request, and nothing after it. */
export async function serve(modules: KeptModules, order: BootOrder): Promise<void> {
  const conversation = takeStandardOutput();
  passOnModules(modules, order);
  sealDefinitions("the image has loaded its modules");
  // Most images never ask for a grandchild, and to try some takes a third of an image's start. What
  // must hold of this process is checked all the same, before the fork.
  const zygote = await startZygote({ probed: "whenAsked" }).catch((error: Error) => error);
  keepPrivate();
  const write = (frame: Buffer) => writeWhole(conversation, frame);
  const end = (message: ReplyMessage, exitCode: number): never => {
    write(encodeFrame(message));
    try {
      modules.keepCode();
      modules.prune();
    } catch {
      // The next image starts more slowly, or finds more files: that is no part of this request.
    }
    process.exit(exitCode);
  };
  process.on("uncaughtException", (error) => {
    end({ kind: "threw", exitCode: 1, error: describeError(error) }, 1);
  });
  // Only now: a grandchild keeps nothing, it asks this process.
  keepDataIn(dataDirectory(ownHome()));
  if (zygote instanceof Error) process.stderr.write(`no zygote here: ${zygote.message}\n`);

  openConversation({ write, listen: () => ({ ref() {}, unref() {} }) });
  tell(null); // the modules are loaded, and all that follows is read
  const take = inPhases(imageMessage, phases, {
    request: ({ form }) => void evaluate(form),
    ...answerTakers,
    ping: () => tell(null),
    cancel: () => void process.emit("SIGTERM", "SIGTERM"),
  });
  const reader = new FrameReader();
  const stream = new net.Socket({ fd: 0, readable: true, writable: false });
  stream.on("error", () => process.exit(1));
  stream.on("close", () => process.exit(1)); // nobody is there any more
  stream.on("data", (bytes) => {
    for (const frame of reader.push(bytes)) take(frame);
  });

  async function evaluate(form: Form): Promise<void> {
    try {
      const value = await evaluateForm(form);
      end({ kind: "returned", exitCode: 0, ...(value !== undefined && { value }) }, 0);
    } catch (error) {
      end({ kind: "threw", exitCode: 1, error: describeError(error) }, 1);
    }
  }
}

/** The stream is for frames: what anybody prints from now on goes to stderr. */
function takeStandardOutput(): number {
  native().dup2(1, conversationFd);
  native().dup2(2, 1);
  return conversationFd;
}

function writeWhole(fd: number, bytes: Buffer): void {
  try {
    native().write(fd, bytes);
  } catch {
    process.exit(1); // nobody reads any more
  }
}
