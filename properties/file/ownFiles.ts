/** Files that belong to a property alone: wholly its own when applied, gone when unapplied. */
import { createHash } from "node:crypto";
import path from "node:path/posix";
import {
  FileFailed,
  type Finding,
  isError,
  type LookingHost,
  OutputTooLarge,
  type PosixHost,
} from "../../engine/index.js";

/** A file with exactly that content and mode, that belongs to the account commands run as. */
export interface OwnFile {
  readonly path: string;
  readonly content: string;
  /** 0644 by default. */
  readonly mode?: number;
}

/** Whether the files, if need be a user's own, are as they should be, or none is there at all. */
export async function findOwnFiles(
  host: LookingHost,
  files: readonly OwnFile[],
  user?: string,
): Promise<Finding> {
  return together(await Promise.all(files.map((file) => findOwnFile(host, file, user))));
}

async function findOwnFile(
  host: LookingHost,
  { path, content, mode = 0o644 }: OwnFile,
  user: string | undefined,
): Promise<Finding> {
  try {
    const looks = [host.account(), host.stat(path), host.readFileIfExists(path)] as const;
    const [account, stat, text] = await Promise.all(looks);
    if (!stat) return false;
    const isOwn = user === undefined ? stat.uid === account.uid : stat.user === user;
    return (isOwn && stat.type === "file" && stat.mode === mode && text === content) || "partly";
  } catch (error) {
    // Whose directory it is may have a link there, which is not followed for them: they look themselves.
    if (isError(error, FileFailed) || isError(error, OutputTooLarge)) return "partly";
    throw error;
  }
}

/** What several findings come to. */
export function together(found: readonly Finding[]): Finding {
  if (found.every((one) => one === true)) return true;
  return found.some((one) => one !== false) && "partly";
}

/** The files are there, as they should be. */
export async function writeOwnFiles(host: PosixHost, files: readonly OwnFile[]): Promise<void> {
  const { uid: user, gid: group } = await host.account();
  for (const { path: file, content, mode = 0o644 } of files) {
    await host.makeDirectory(path.dirname(file));
    // A link is replaced and not followed: what it leads to is not ours.
    if ((await host.stat(file))?.type === "symlink") await host.remove([file]);
    await host.writeFile(file, content, { mode, user, group });
  }
}

/** None of the files is there. */
export async function removeOwnFiles(host: PosixHost, files: readonly OwnFile[]): Promise<void> {
  await host.remove(files.map(({ path }) => path));
}

/** Text as part of a file's name: what is no letter or digit is written as its number. */
export function inFileName(text: string): string {
  const written = text.replace(/[^A-Za-z0-9]/gu, (sign) => {
    return `_${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase()}_`;
  });
  if (written.length <= 150) return written;
  return `${written.slice(0, 100)}_${createHash("sha256").update(text).digest("hex").slice(0, 16)}`;
}
