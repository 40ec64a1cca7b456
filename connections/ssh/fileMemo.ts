import { statSync } from "node:fs";

/** A file system's clock may be that coarse: of two changes in that time the second may not be seen. */
const coarseMs = 2000;

/**
 * What is made of files is made once for all hosts of a fleet, and again when the files have changed.
 */
export class FileMemo<T> {
  readonly #known = new Map<string, { readonly stamp: string; readonly value: T }>();

  /** What was made of these files, or is made now. */
  of(files: readonly string[], make: () => T): T {
    const key = files.join("\0");
    // The stamp is taken before the files are read: what is read can only be newer.
    const stamp = stampOf(files);
    const known = this.#known.get(key);
    if (known && known.stamp === stamp) return known.value;
    const value = make();
    if (stamp === undefined) this.#known.delete(key);
    else this.#known.set(key, { stamp, value });
    return value;
  }
}

/** A text that is another one when a file is another one; undefined if that cannot be told. */
function stampOf(files: readonly string[]): string | undefined {
  const parts = files.map(partOf);
  return parts.includes(undefined) ? undefined : parts.join();
}

function partOf(file: string): string | undefined {
  try {
    const stat = statSync(file, { bigint: true, throwIfNoEntry: false });
    if (!stat) return "";
    if (Date.now() - Number(stat.ctimeMs) < coarseMs) return undefined;
    return [stat.dev, stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs].join(" ");
  } catch {
    return undefined;
  }
}
