import type { Readable } from "node:stream";
import { z } from "zod";
import { GrowingBuffer } from "../../../core/index.js";
import { HopFailed, printable } from "../../base/index.js";
import type { ByteStream } from "../../model/index.js";
import type { ModuleSet } from "../../modules/index.js";

const answerSchema = z.union([
  z.strictObject({
    missing: z.array(z.int().nonnegative()),
    pid: z.int().min(2),
    runtime: z.string().max(10_000),
  }),
  z.strictObject({ node: z.string().max(100) }),
  z.strictObject({ failed: z.string().max(10_000) }),
]);
const longestAnswer = 64 * 1024;

/** What was sent, or why the Node that was found is of no use. */
export type Sent =
  | {
      readonly names: readonly string[];
      readonly bytes: number;
      /** The process, as it is called where it runs. */
      readonly pid: number;
      readonly runtime: string;
    }
  | { readonly unfit: string };

/**
 * The program that continues a deployment, at the other end of the stream, has all files that it
 * needs: it has been asked which it lacks, and was sent them. `description` is for errors.
 *
 * @throws HopFailed when it cannot keep them
 */
export async function requestModules(
  { stdin, stdout }: Pick<ByteStream, "stdin" | "stdout">,
  requirements: ModuleSet,
  description: string,
): Promise<Sent> {
  const line = await firstLine(stdout);
  // Not our program: one that cannot be run, or that ends as soon as it is.
  if (line === "") return { unfit: "one that does not start" };
  const answer = answerSchema.safeParse(parsed(line));
  // Not our program either: a wrapper that greets, or no Node at all.
  if (!answer.success) return { unfit: `one that says ${shortened(line)}` };
  const { data } = answer;
  if ("node" in data) return { unfit: printable(data.node) };
  if ("failed" in data) {
    const message = `${description}: modules cannot be kept there: ${printable(data.failed)}`;
    throw new HopFailed(message, { hint: "the account needs a home directory that it can write" });
  }
  const missing = [...new Set(data.missing)].flatMap((index) => requirements.files[index] ?? []);
  if (missing.length < data.missing.length) {
    throw new HopFailed(`${description}: no Node image has started there`, {
      output: shortened(line),
    });
  }
  for (const { bytes } of missing) stdin.write(bytes);
  return {
    names: missing.map(({ name }) => name),
    bytes: missing.reduce((sum, { bytes }) => sum + bytes.length, 0),
    pid: data.pid,
    runtime: printable(data.runtime),
  };
}

/** The first line; what follows it stays in the stream. */
function firstLine(stream: Readable): Promise<string | undefined> {
  return new Promise((resolve) => {
    const held = new GrowingBuffer();
    const done = (line: string | undefined) => {
      stream.off("readable", take);
      stream.off("close", ended);
      resolve(line);
    };
    const ended = () => done(held.view().toString("utf8"));
    const take = () => {
      const bytes = stream.read() as Buffer | null;
      if (bytes === null) return;
      const end = bytes.indexOf("\n");
      held.push(end < 0 ? bytes : bytes.subarray(0, end));
      if (end < 0 && held.length > longestAnswer) done(undefined);
      if (end < 0) return;
      done(held.view().toString("utf8"));
      stream.unshift(bytes.subarray(end + 1));
    };
    stream.on("readable", take);
    stream.on("close", ended);
  });
}

function parsed(line: string | undefined): unknown {
  try {
    return JSON.parse(line ?? "");
  } catch {
    return undefined;
  }
}

function shortened(line: string | undefined): string {
  if (line === undefined) return "too much";
  return JSON.stringify(printable(line.slice(0, 200)));
}
