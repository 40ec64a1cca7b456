/** Files at the end of a shell session. */
import { randomBytes } from "node:crypto";
import { quoteWords, Secret } from "../base/index.js";
import type { FileAttributes, FileStat } from "../model/index.js";
import { type Control, fileError, type ShellSession } from "../shell/index.js";
import { FileLooks } from "./fileLooks.js";
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

/**
 * The file has that content: at every instant it is wholly old or wholly new, with its final mode
 * and owner from the first moment.
 *
 * The content goes into a new file beside it (made exclusively, 0600) and is synced; that file gets
 * owner, then mode, is renamed over the old one, and the directory is synced. A file that is there
 * keeps its mode, owner and ACL unless others are given; a new one is 0644. Symlinks are followed if
 * they belong to uid 0 or to us, else refused.
 *
 * @throws FileFailed
 */
export async function writeFile(
  session: ShellSession,
  path: string,
  content: string | Uint8Array | Secret,
  attributes: FileAttributes & Control = {},
): Promise<void> {
  const { mode, user = "", group = "", ...control } = attributes;
  const text = content instanceof Secret ? content.reveal() : content;
  const stdin = typeof text === "string" ? Buffer.from(text, "utf8") : text;
  const temporary = `.consfig-${randomBytes(12).toString("hex")}`;
  const modeText = mode === undefined ? "" : mode.toString(8).padStart(4, "0");
  const words = quoteWords([path, temporary, modeText, user, group, stdin.length]);
  const result = await session.execText(`set -- ${words}; ${writeScript}`, {
    ...control,
    name: `writing ${path}`,
    looks: false,
    stdin,
  });
  if (result.exitCode !== 0) throw fileError("written", path, result);
}
