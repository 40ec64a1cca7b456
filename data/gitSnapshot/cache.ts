import { createHash } from "node:crypto";
import { chmod, lstat, mkdir } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { reasonOf } from "../../core/index.js";
import { MissingDataSource } from "../../engine/index.js";

/**
 * A directory of this account's cache that nobody else may look into, another one for other words.
 *
 * @throws MissingDataSource when it cannot be made, or is another account's.
 */
export async function privateCache(purpose: string, ...words: readonly string[]): Promise<string> {
  const given = process.env.XDG_CACHE_HOME;
  const key = createHash("sha256").update(JSON.stringify(words)).digest("hex").slice(0, 32);
  try {
    const base = given && path.isAbsolute(given) ? given : path.join(os.homedir(), ".cache");
    const ours = path.join(base, "consfigurator", "data", purpose);
    const directory = path.join(ours, key);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    // One that was there may be wider, or not be ours at all: with sudo HOME may be the caller's.
    for (const one of [ours, directory]) {
      const stat = await lstat(one);
      if (!stat.isDirectory() || stat.uid !== process.geteuid?.()) {
        throw new Error(`${one} is another account's`);
      }
      if ((stat.mode & 0o077) !== 0) await chmod(one, 0o700);
    }
    return directory;
  } catch (cause) {
    const why = reasonOf(cause);
    const hint = "set XDG_CACHE_HOME to a directory of your own";
    throw new MissingDataSource(`no private cache: ${why}`, { hint }, { cause });
  }
}
