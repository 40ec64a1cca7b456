/** What is, or is to be, in a directory, written down and compared without any of the code under test. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";

/**
 * What is at a path. A string is a file with that content. Left out: mode 0644 (directories: 0755)
 * and the owner {@link TreeOptions} name.
 */
export type Entry =
  | string
  | ({
      readonly mode?: number;
      readonly user?: string | number;
      readonly group?: string | number;
    } & (
      | { readonly content: string | Uint8Array }
      | { readonly directory: true }
      | { readonly symlink: string }
      | { readonly fifo: true }
    ));

/** Paths relative to a directory, and what is there. Directories above them need not be listed. */
export type Tree = { readonly [path: string]: Entry };

/** Where a tree stands. */
export interface TreeOptions {
  /** The directory as this machine sees it. */
  readonly directory: string;
  /** The root directory, as this machine sees it, of the host the directory is on: "" for this one. */
  readonly view: string;
  /** Numeric owner of entries that do not say. */
  readonly uid: number;
  readonly gid: number;
}

/** An entry in full, ready to be compared: what it is, `rwx` bits in octal, owner. */
export type FullEntry = string;

/** The tree is made; directories it needs too. */
export function plant(tree: Tree, options: TreeOptions): void {
  for (const [name, entry] of Object.entries(withDirectories(tree))) {
    const place = path.join(options.directory, name);
    const stays = typeof entry === "object" && "directory" in entry && fs.existsSync(place);
    if (stays && !(name in tree)) continue;
    if (typeof entry === "object" && "directory" in entry) fs.mkdirSync(place, { recursive: true });
    else fs.rmSync(place, { recursive: true, force: true });
    if (typeof entry === "string") fs.writeFileSync(place, entry);
    else if ("content" in entry) fs.writeFileSync(place, entry.content);
    else if ("symlink" in entry) fs.symlinkSync(entry.symlink, place);
    else if ("fifo" in entry) spawnSync("mkfifo", [place]);
    const { uid, gid, mode } = attributes(entry, options);
    fs.lchownSync(place, uid, gid);
    if (mode !== undefined) fs.chmodSync(place, mode);
  }
}

/** What the tree says, in full: with the directories it needs, or only what is at the given paths. */
export function expected(
  tree: Tree,
  options: TreeOptions,
  names?: readonly string[],
): Record<string, FullEntry> {
  const entries = Object.entries(withDirectories(tree));
  return sorted(
    entries
      .filter(([name]) => names?.includes(name) ?? true)
      .map(([name, entry]) => {
        const { uid, gid, mode } = attributes(entry, options);
        return [name, full(kindOf(entry), mode, uid, gid)];
      }),
  );
}

/** What is in the directory, in full: everything, or only what is at the given paths. */
export function found(
  options: TreeOptions,
  names: readonly string[] = namesIn(options.directory),
): Record<string, FullEntry> {
  const entries = names.flatMap((name): [string, FullEntry][] => {
    const place = path.join(options.directory, name);
    const stat = fs.lstatSync(place, { throwIfNoEntry: false });
    if (!stat) return [];
    const mode = stat.isSymbolicLink() ? undefined : stat.mode & 0o7777;
    return [[name, full(kindAt(place, stat), mode, stat.uid, stat.gid)]];
  });
  return sorted(entries);
}

/** Numbers that differ as soon as anything in the directory has been written, even with the same content. */
export function touched(
  { directory }: TreeOptions,
  names: readonly string[] = ["", ...namesIn(directory)],
): Record<string, string> {
  const entries = names.flatMap((name): [string, string][] => {
    const place = path.join(directory, name);
    const stat = fs.lstatSync(place, { throwIfNoEntry: false, bigint: true });
    return stat ? [[name, `inode ${stat.ino}, changed ${stat.ctimeNs}`]] : [];
  });
  return sorted(entries);
}

function namesIn(directory: string): string[] {
  return fs.readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const below = entry.isDirectory() ? namesIn(path.join(directory, entry.name)) : [];
    return [entry.name, ...below.map((name) => `${entry.name}/${name}`)];
  });
}

function withDirectories(tree: Tree): Tree {
  const all: Record<string, Entry> = {};
  for (const [name, entry] of Object.entries(tree)) {
    const parts = name.split("/");
    for (let depth = 1; depth < parts.length; depth++) {
      const above = parts.slice(0, depth).join("/");
      all[above] ??= tree[above] ?? { directory: true };
    }
    all[name] = entry;
  }
  return all;
}

function attributes(entry: Entry, options: TreeOptions) {
  const { mode, user, group } = typeof entry === "string" ? {} : entry;
  const isLink = typeof entry === "object" && "symlink" in entry;
  const standard = typeof entry === "object" && "directory" in entry ? 0o755 : 0o644;
  return {
    uid: idOf(user, "passwd", options.view) ?? options.uid,
    gid: idOf(group, "group", options.view) ?? options.gid,
    mode: isLink ? undefined : (mode ?? standard),
  };
}

function idOf(name: string | number | undefined, database: string, view: string) {
  if (typeof name !== "string") return name;
  const lines = fs.readFileSync(`${view}/etc/${database}`, "utf8").split("\n");
  const line = lines.find((one) => one.startsWith(`${name}:`));
  if (line) return Number(line.split(":")[2]);
  throw new RangeError(`no ${name} in /etc/${database}`);
}

function kindOf(entry: Entry): string {
  if (typeof entry === "string") return contentInWords(entry);
  if ("content" in entry) return contentInWords(entry.content);
  if ("symlink" in entry) return `symlink to ${entry.symlink}`;
  return "fifo" in entry ? "fifo" : "directory";
}

function kindAt(place: string, stat: fs.Stats): string {
  if (stat.isFile()) return contentInWords(fs.readFileSync(place));
  if (stat.isSymbolicLink()) return `symlink to ${fs.readlinkSync(place)}`;
  if (stat.isDirectory()) return "directory";
  return stat.isFIFO() ? "fifo" : "something else";
}

/** Short text as it stands; what is long or no text by its length and hash. */
function contentInWords(content: string | Uint8Array): string {
  const bytes = Buffer.from(content as Uint8Array);
  const text = bytes.toString("utf8");
  if (bytes.length < 4000 && Buffer.from(text).equals(bytes)) return `file ${JSON.stringify(text)}`;
  return `file of ${bytes.length} bytes, ${createHash("sha256").update(bytes).digest("hex")}`;
}

function full(kind: string, mode: number | undefined, uid: number, gid: number): FullEntry {
  return `${kind}${mode === undefined ? "" : `, mode ${mode.toString(8)}`}, owner ${uid}:${gid}`;
}

function sorted<T>(entries: readonly (readonly [string, T])[]): Record<string, T> {
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
