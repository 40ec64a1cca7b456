/** Files at the end of a shell session. */
import { createHash, randomBytes } from "node:crypto";
import { quote, quoteWords, Secret, type Words } from "../base/index.js";
import type { FileAttributes, FileStat } from "../model/index.js";
import { type Control, type ExecOptions, fileError, type ShellSession } from "../shell/index.js";
import { isEmptyScript } from "./changes.js";
import { FileLooks } from "./fileLooks.js";
import { hashOne } from "./lookAtOne.js";
import { writeScript } from "./writeScript.js";

const looks = new WeakMap<ShellSession, FileLooks>();

/** The looks at files of that session. What was asked for goes before any command given after it. */
function looksOf(session: ShellSession): FileLooks {
  const known = looks.get(session);
  if (known) return known;
  const made = new FileLooks(session.lanes);
  session.gathers(() => made.flush());
  looks.set(session, made);
  return made;
}

/** The file's bytes. @throws FileNotFound, FileFailed, OutputTooLarge for more than 64 MiB */
export function readFile(
  session: ShellSession,
  path: string,
  control: Control = {},
): Promise<Buffer> {
  return looksOf(session).read(path, control);
}

/** What is at the path, or undefined if nothing is. Needs a `stat` that has -c (GNU, busybox). */
export function stat(
  session: ShellSession,
  path: string,
  options: Control & { readonly follow?: boolean } = {},
): Promise<FileStat | undefined> {
  const { follow = false, ...control } = options;
  return looksOf(session).stat(path, control, follow);
}

/** The SHA-256 of the file, as hexadecimal digits; undefined if nothing is there. @throws FileFailed */
export function hashFile(
  session: ShellSession,
  path: string,
  control: Control = {},
): Promise<string | undefined> {
  return hashOne(session.lanes.next, path, control);
}

/** Whether a directory is at the path, and nothing in it. */
export async function isEmptyDirectory(
  session: ShellSession,
  path: string,
  control: Control = {},
): Promise<boolean> {
  const text = `set -- ${quote(path)}; ${isEmptyScript}`;
  const result = await session.execText(text, {
    ...control,
    name: `looking into ${path}`,
    looks: true,
  });
  if (result.exitCode === 0) return result.stdout.toString() === "empty\n";
  throw fileError("looked at", path, result);
}

/** How a file is written. */
export interface WriteOptions extends FileAttributes, Control {
  /** What the new content was made from: the file is replaced only if it still has it. */
  readonly madeFrom?: Uint8Array | "none" | undefined;
}

/**
 * The file has that content: at every instant it is wholly old or wholly new, with its final mode
 * and owner from the first moment.
 *
 * The content goes into a new file, which gets owner, then mode, is synced and renamed over the old
 * one; then the directory is synced. A file that is there keeps its mode (without set-id bits), owner,
 * group and ACL unless others are given; a new one is 0644.
 *
 * Where others can write to the directory, a file that belongs neither to us nor to the directory's
 * owner is refused. A secret belongs to us unless a user is given. Where the owner changes nothing else is kept but who may read and run it.
 *
 * Symlinks are followed if they belong to uid 0 or to us, and nobody else can change the way to them.
 *
 * @throws FileFailed
 */
export async function writeFile(
  session: ShellSession,
  path: string,
  content: string | Uint8Array | Secret,
  options: WriteOptions = {},
): Promise<void> {
  const { mode, user = "", group = "", madeFrom, ...control } = options;
  const text = content instanceof Secret ? content.reveal() : content;
  const stdin = typeof text === "string" ? Buffer.from(text, "utf8") : text;
  const isSecret = content instanceof Secret ? "secret" : "";
  const words: [string, ...Words] = [path, stdin.length, modeText(mode), user, group, isSecret];
  // A digest can tell what short content is: it must be on no command line, as the words are.
  const env = { CONSFIG_FROM: digestOf(madeFrom) };
  await change(session, "written", writeScript, words, { ...control, stdin, env });
}

/** A change at the path, which is the first of the words that the script gets. @throws FileFailed */
export async function change(
  session: ShellSession,
  deed: string,
  script: string,
  words: readonly [path: string, ...Words],
  control: Control & Pick<ExecOptions, "stdin" | "env">,
): Promise<void> {
  const [path] = words;
  const env = { ...control.env, CONSFIG_ROOM: `.consfig-${randomBytes(12).toString("hex")}` };
  const options = { ...control, env, name: `${path} is ${deed}`, looks: false };
  const result = await session.execText(`set -- ${quoteWords(words)}; ${script}`, options);
  if (result.exitCode !== 0) throw fileError(deed, path, result);
}

function digestOf(content: Uint8Array | "none" | "" = ""): string {
  if (typeof content === "string") return content;
  return createHash("sha256").update(content).digest("hex");
}

/** The mode for chmod: with fewer than five digits the set-id bits of a directory would stay. */
export function modeText(mode: number | undefined): string {
  return mode === undefined ? "" : mode.toString(8).padStart(5, "0");
}
