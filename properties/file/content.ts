import { z } from "zod";
import {
  AbortedChange,
  FileFailed,
  type Finding,
  isError,
  type LookingHost,
  type Outcome,
  type PosixHost,
  posixProperty,
} from "../../engine/index.js";
import { type Attributes, absolutePath, attributes, hasAttributes, parentOf } from "./arguments.js";
import { inDirectory } from "./edit.js";
import { sameContent } from "./sameContent.js";

/** Text (a final newline is added where it lacks one), lines, or bytes as they are. */
export type Content = string | readonly string[] | Uint8Array;

const oneLine = z.string().regex(/^[^\n]*$/, "a line contains a newline");
const content = z.union([z.string(), z.array(oneLine), z.instanceof(Uint8Array)]);
const contentArgs = z.tuple([absolutePath, content, attributes.exactOptional()]);

/**
 * The file has exactly that content, and the mode and owner that are given; others it keeps, or has
 * those of a new file (0644, the account's). Its directory is made when missing, unless a mode is
 * given: what needs a mode of its own needs a directory that was thought of.
 */
export const hasContent = posixProperty<[path: string, content: Content, attributes?: Attributes]>(
  "file.hasContent",
  {
    args: contentArgs,
    desc: (path) => `${path} has its content`,
    check: (host, path, content, attributes) =>
      isWritten(host, path, contentBytes(content), attributes),
    apply: (host, path, content, attributes) =>
      writeContent(host, path, contentBytes(content), attributes),
  },
);

/** Like {@link hasContent}, for a file that is wholly ours. Unapplied: the file does not exist. */
export const existsWithContent = posixProperty<
  [path: string, content: Content, attributes?: Attributes]
>("file.existsWithContent", {
  args: contentArgs,
  desc: (path) => `${path} exists with its content`,
  check: (host, path, content, attributes) =>
    writtenSoFar(host, path, contentBytes(content), attributes),
  apply: (host, path, content, attributes) =>
    writeContent(host, path, contentBytes(content), attributes),
  unapply: (host, path) => removeFile(host, path),
});

/** Whether there is a file with these bytes and attributes, by itself or behind a symlink. */
export async function isWritten(
  host: LookingHost,
  path: string,
  bytes: Uint8Array,
  wanted: Attributes = {},
): Promise<boolean> {
  const [stat, same] = await Promise.all([
    host.stat(path, { follow: true }),
    sameContent(host, path, bytes),
  ]);
  return same && stat !== undefined && hasAttributes(stat, wanted);
}

/** Like {@link isWritten}, and whether there is something to remove. */
export async function writtenSoFar(
  host: LookingHost,
  path: string,
  bytes: Uint8Array,
  wanted?: Attributes,
): Promise<Finding> {
  const [exists, is] = await Promise.all([host.exists(path), isWritten(host, path, bytes, wanted)]);
  return is || (exists && "partly");
}

/** The file has these bytes and attributes. */
export async function writeContent(
  host: PosixHost,
  path: string,
  bytes: Uint8Array,
  wanted: Attributes = {},
): Promise<Outcome> {
  const write = () => host.writeFile(path, bytes, wanted);
  if (wanted.mode === undefined) await inDirectory(host, path, write);
  else await write().catch((error) => tellOfDirectory(host, path, error));
  return "changed";
}

/** Nothing is at the path, which is no directory. */
export async function removeFile(host: PosixHost, path: string): Promise<Outcome> {
  await host.remove([path]);
  return "changed";
}

/** The bytes of the content. */
export function contentBytes(content: Content): Uint8Array {
  if (content instanceof Uint8Array) return content;
  const text = typeof content === "string" ? content : content.map((line) => `${line}\n`).join("");
  return new TextEncoder().encode(text === "" || text.endsWith("\n") ? text : `${text}\n`);
}

async function tellOfDirectory(host: LookingHost, path: string, error: unknown): Promise<never> {
  const parent = parentOf(path);
  if (!isError(error, FileFailed) || (await host.exists(parent))) throw error;
  throw new AbortedChange(`there is no directory ${parent} for ${path}`, {
    hint: "have it with file.directoryExists first: it is not made for a file with a given mode",
  });
}
