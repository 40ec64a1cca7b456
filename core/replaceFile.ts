/**
 * Files that are replaced: whoever reads one sees what was there, or all that is there from now on.
 */
import { randomBytes } from "node:crypto";
import { lstatSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import path from "node:path";

/** How a file is replaced. */
export interface ReplacementOptions {
  /** Of a new file, as `open` takes it. */
  readonly mode: number;
  /** Begins the name that the file has while it is written; its own name unless said otherwise. */
  readonly prefix?: string;
}

/** The file has these bytes. `flush`: they are on the disk before the name is. */
export function replaceFileSync(
  file: string,
  bytes: Uint8Array | string,
  { flush = false, ...options }: ReplacementOptions & { readonly flush?: boolean },
): void {
  const fresh = freshName(file, options);
  removeLeftOver(file, options);
  try {
    writeFileSync(fresh, bytes, { mode: options.mode, flag: "wx", flush });
    renameSync(fresh, file);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
}

/** The file has what is written to the handle. */
export async function replaceFile(
  file: string,
  options: ReplacementOptions,
  write: (handle: FileHandle) => Promise<void>,
): Promise<void> {
  const fresh = freshName(file, options);
  removeLeftOver(file, options);
  try {
    const handle = await open(fresh, "wx", options.mode);
    try {
      await write(handle);
    } finally {
      await handle.close();
    }
    await rename(fresh, file);
  } catch (error) {
    await rm(fresh, { force: true });
    throw error;
  }
}

/** A name beside the file that nobody can have made already, or guess. */
function freshName(file: string, options: ReplacementOptions): string {
  return path.join(
    path.dirname(file),
    `${beginningOf(file, options)}${randomBytes(12).toString("hex")}`,
  );
}

/** How such names begin. */
function beginningOf(file: string, { prefix }: ReplacementOptions): string {
  return prefix ?? `${path.basename(file)}.`;
}

/** What is half-written for so long will not be finished. */
const staleMs = 60 * 60 * 1000;

/** What this account was writing when its process was killed does not stay for ever. */
function removeLeftOver(file: string, options: ReplacementOptions): void {
  const [directory, beginning] = [path.dirname(file), beginningOf(file, options)];
  try {
    for (const name of readdirSync(directory)) {
      if (!name.startsWith(beginning)) continue;
      if (!/^[0-9a-f]{24}$/.test(name.slice(beginning.length))) continue;
      const place = path.join(directory, name);
      const stat = lstatSync(place, { throwIfNoEntry: false });
      const isOld = stat && Date.now() - stat.mtimeMs > staleMs;
      if (isOld && stat.isFile() && stat.uid === process.geteuid?.())
        rmSync(place, { force: true });
    }
  } catch {
    // A directory that can be written, but not read.
  }
}
