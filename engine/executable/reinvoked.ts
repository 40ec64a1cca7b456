import { spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import path from "node:path";
import type { Duplex, Readable } from "node:stream";
import { CappedOutput, collect } from "../../core/index.js";
import {
  checkValue,
  type DescribedError,
  describeError,
  encodeFrame,
  type Form,
  plainForm,
  readReply,
} from "../../zygote/client.js";
import { dumpExecutable } from "./dump.js";
import { temporaryDirectory } from "./runtime.js";

/** How a request in an executable ended. */
export interface Reinvocation<V> {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What the form evaluated to; undefined if it did not. */
  readonly value: V | undefined;
  readonly error?: DescribedError;
  readonly stdout: string;
  readonly stderr: string;
}

const outputLimit = 1024 * 1024;

/**
 * Evaluates a form in a process in which nothing has happened but the modules' being loaded and the
 * prerequest: an executable is made of this program when that has been evaluated, started, and gone
 * afterwards.
 *
 * What the prerequest leaves in memory is there: variables of modules, closures, whatever they hold.
 * What it opens or changes outside of it is not: files, sockets, timers, processes, the environment,
 * working directory and account; what is open when it has been evaluated is refused. The request is
 * read only by the new process.
 *
 * @throws WrongExecutionContextForImageDump and other AbortedChange
 */
export async function evalInReinvoked<V>(
  prerequest: Form | null,
  request: Form<V>,
): Promise<Reinvocation<V>> {
  const directory = temporaryDirectory("consfig-image");
  try {
    const file = path.join(directory, "image");
    await dumpExecutable(file, { prerequest, request: null }, 0o700);
    return await invoked(file, request);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function invoked<V>(file: string, request: Form<V>): Promise<Reinvocation<V>> {
  const child = spawn(file, [], { stdio: ["ignore", "pipe", "pipe", "pipe"] });
  const ended = once(child, "close") as Promise<[number | null, NodeJS.Signals | null]>;
  const [stdout, stderr] = [new CappedOutput(outputLimit), new CappedOutput(outputLimit)];
  for (const [index, output] of [
    [1, stdout],
    [2, stderr],
  ] as const) {
    void collect(child.stdio[index] as Readable, output);
  }
  // With these options Node makes it a socket.
  const conversation = child.stdio[3] as Duplex;
  conversation.on("error", () => {}); // that it has ended is told by its process
  conversation.write(encodeFrame({ kind: "request", form: plainForm(request) }));
  const replied = readReply(conversation, conversation, {}).catch((error: unknown) => {
    child.kill("SIGKILL");
    return { kind: "threw" as const, error: describeError(error) };
  });
  const [reply, [exitCode, signal]] = await Promise.all([replied, ended]);
  return {
    exitCode,
    signal,
    value: reply?.kind === "returned" ? checkValue(request, reply.value) : undefined,
    ...(reply?.kind === "threw" ? { error: reply.error } : {}),
    stdout: stdout.text(),
    stderr: stderr.text(),
  };
}
