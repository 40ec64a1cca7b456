import { createHash } from "node:crypto";
import { chmodSync } from "node:fs";
import path from "node:path";
import { makeOwnDirectory, ownCacheHome, reasonOf } from "../../core/index.js";
import { MissingDataSource } from "../../engine/index.js";

/**
 * A directory of this account's cache that nobody else may look into, another one for other words.
 *
 * @throws MissingDataSource when it cannot be made, or another account can change it.
 */
export function privateCache(purpose: string, ...words: readonly string[]): string {
  const key = createHash("sha256").update(JSON.stringify(words)).digest("hex").slice(0, 32);
  const ours = path.join(ownCacheHome(), "consfigurator", "data", purpose);
  const directory = path.join(ours, key);
  try {
    makeOwnDirectory(directory);
    // One that was there may be wider.
    for (const one of [ours, directory]) chmodSync(one, 0o700);
    return directory;
  } catch (cause) {
    const why = reasonOf(cause);
    const hint = "set XDG_CACHE_HOME to a directory of your own";
    throw new MissingDataSource(`no private cache: ${why}`, { hint }, { cause });
  }
}
