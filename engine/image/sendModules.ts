import type { Readable } from "node:stream";
import { z } from "zod";
import type { ByteStream } from "../byteStream.js";
import { HopFailed } from "../errors.js";
import type { ModuleSet } from "../modules/moduleSet.js";
import { printable } from "../printable.js";
import { type BootOrder, oldestNode } from "./boot.js";

/** What an image loads besides the consfig: what every order may need, and what serves it. */
const modules = [
  "consfigurator/engine/index.js",
  "consfigurator/connections/local.js",
  "consfigurator/engine/image/serve.js",
];

const answerSchema = z.union([
  z.strictObject({ missing: z.array(z.int().nonnegative()) }),
  z.strictObject({ node: z.string().max(100) }),
]);
const longestAnswer = 64 * 1024;

/** What was sent, or the version of a Node that is too old. */
export type Sent =
  | { readonly names: readonly string[]; readonly bytes: number }
  | { readonly node: string };

/** The boot program at the other end has all files of the set. @throws HopFailed */
export async function sendModules(
  { stdin, stdout }: ByteStream,
  set: ModuleSet,
  chain: string,
): Promise<Sent> {
  const order: BootOrder = {
    oldest: oldestNode,
    id: set.id,
    loader: set.loader,
    files: set.files.map(({ hash, bytes }) => [hash, bytes.length]),
    modules,
  };
  stdin.write(`${JSON.stringify(order)}\n`);
  const line = await firstLine(stdout);
  const answer = answerSchema.safeParse(parsed(line));
  if (!answer.success) {
    const output = printable(line ?? "");
    throw new HopFailed(`${chain}: no Node image has started there`, { output });
  }
  if ("node" in answer.data) return { node: printable(answer.data.node) };
  const missing = answer.data.missing.flatMap((index) => set.files[index] ?? []);
  for (const { bytes } of missing) stdin.write(bytes);
  return {
    names: missing.map(({ name }) => name),
    bytes: missing.reduce((sum, { bytes }) => sum + bytes.length, 0),
  };
}

/** The first line; what follows it stays in the stream. */
function firstLine(stream: Readable): Promise<string | undefined> {
  return new Promise((resolve) => {
    let held = Buffer.alloc(0);
    const done = (line: string | undefined) => {
      stream.off("readable", take);
      stream.off("close", ended);
      resolve(line);
    };
    const ended = () => done(held.toString("utf8"));
    const take = () => {
      const bytes = stream.read() as Buffer | null;
      if (bytes === null) return;
      held = Buffer.concat([held, bytes]);
      const end = held.indexOf("\n");
      if (end < 0 && held.length > longestAnswer) done(undefined);
      if (end < 0) return;
      done(held.toString("utf8", 0, end));
      stream.unshift(held.subarray(end + 1));
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
