import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after } from "node:test";

/** A folder that is gone after the spec. */
export interface Folder {
  readonly root: string;
  path(name: string): string;
  /** The path of a file that now has that content. */
  write(name: string, content: string | Uint8Array, mode?: number): string;
}

/** A new one. */
export function scratchFolder(): Folder {
  const root = mkdtempSync(path.join(os.tmpdir(), "d-"));
  after(() => rmSync(root, { recursive: true, force: true }));
  const at = (name: string) => path.join(root, name);
  return {
    root,
    path: at,
    write(name, content, mode = 0o600) {
      mkdirSync(path.dirname(at(name)), { recursive: true });
      writeFileSync(at(name), content, { mode });
      return at(name);
    },
  };
}

/** The content of an item as text. */
export function text(content: Uint8Array): string {
  return Buffer.from(content).toString("utf8");
}
