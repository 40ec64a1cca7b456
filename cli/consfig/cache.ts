import { createHash } from "node:crypto";
import { readdirSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import { replaceFileSync } from "../../core/index.js";
import { ownCache } from "../../engine/modules/index.js";

const kept = 16;
const oldMs = 60 * 60 * 1000;

/** The path of a file in the cache that has that code; its name is made of the code. */
export function keepCode(code: string): string {
  const name = `${createHash("sha256").update(code).digest("hex").slice(0, 32)}.mjs`;
  const file = path.join(ownCache(), name);
  // The file is written each time and renamed, so what is run is all of what was compiled just now.
  replaceFileSync(file, code, { mode: 0o600 });
  return file;
}

/** Files that no consfig has used lately are removed, and all that processes that were killed have left. */
export function pruneCache(): void {
  const dated = readdirSync(ownCache()).flatMap((name) => {
    const file = path.join(ownCache(), name);
    const stat = statSync(file, { throwIfNoEntry: false });
    // `modules` is another cache.
    return stat && name !== "modules" ? [{ file, age: Date.now() - stat.mtimeMs }] : [];
  });
  const isCode = ({ file }: { readonly file: string }) => file.endsWith(".mjs");
  const codes = dated.filter(isCode).sort((a, b) => a.age - b.age);
  for (const { file, age } of [...codes.slice(kept), ...dated.filter((one) => !isCode(one))]) {
    // A younger file may be about to be loaded by another process, or to be whole.
    if (age > oldMs) rmSync(file, { recursive: true, force: true });
  }
}
