import { createHash, randomBytes } from "node:crypto";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import path from "node:path";

const kept = 16;
const oldMs = 60 * 60 * 1000;

let directory: string | undefined;

/** Where compiled consfigs are kept: nobody but this account can write there. */
export function cacheDirectory(): string {
  directory ??= usual() ?? temporary();
  return directory;
}

/** Where the modules that hosts are sent are kept. */
export function modulesCache(): string {
  const modules = path.join(cacheDirectory(), "modules");
  mkdirSync(modules, { recursive: true, mode: 0o700 });
  return modules;
}

/** The path of a file in the cache that has that code; its name is made of the code. */
export function keepCode(code: string): string {
  const name = `${createHash("sha256").update(code).digest("hex").slice(0, 32)}.mjs`;
  const file = path.join(cacheDirectory(), name);
  // Written each time, and renamed: what is run is what was compiled just now, and all of it.
  const fresh = `${file}.${randomBytes(4).toString("hex")}`;
  writeFileSync(fresh, code, { mode: 0o600 });
  renameSync(fresh, file);
  return file;
}

/** Files that no consfig has used lately are removed. */
export function pruneCache(): void {
  const files = readdirSync(cacheDirectory());
  if (files.length <= kept) return;
  const dated = files.flatMap((name) => {
    const file = path.join(cacheDirectory(), name);
    const stat = statSync(file, { throwIfNoEntry: false });
    return stat?.isFile() ? [{ file, age: Date.now() - stat.mtimeMs }] : [];
  });
  dated.sort((a, b) => a.age - b.age);
  for (const { file, age } of dated.slice(kept)) {
    // A younger one may be about to be loaded by another process.
    if (age > oldMs) rmSync(file, { force: true });
  }
}

function usual(): string | undefined {
  const given = process.env.XDG_CACHE_HOME;
  const base = given && path.isAbsolute(given) ? given : path.join(homedir(), ".cache");
  const wanted = path.join(base, "consfigurator", "consfig");
  try {
    mkdirSync(wanted, { recursive: true, mode: 0o700 });
    // Code is run from there: nobody else may put it in another's place. With sudo and the caller's
    // HOME, for one, the directories above are the caller's.
    if (![base, path.dirname(wanted), wanted].every(isOurs)) return undefined;
    chmodSync(wanted, 0o700);
    const probe = path.join(wanted, `probe.${randomBytes(4).toString("hex")}`);
    writeFileSync(probe, "");
    unlinkSync(probe);
    return wanted;
  } catch {
    return undefined;
  }
}

function isOurs(directory: string): boolean {
  const { uid, mode } = statSync(directory);
  return uid === process.geteuid?.() && (mode & 0o002) === 0;
}

/** For accounts without a home that can be written: gone when this process ends. */
function temporary(): string {
  const made = mkdtempSync(path.join(tmpdir(), "consfig-"));
  process.once("exit", () => rmSync(made, { recursive: true, force: true }));
  return made;
}
