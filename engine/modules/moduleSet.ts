import { createHash } from "node:crypto";

/** A file that is known by what is in it. */
export interface ModuleFile {
  /** The SHA-256 of the bytes, in hex. */
  readonly hash: string;
  /** What it holds, for people: `consfig`, `consfigurator`, `zod@4.0.0`, … */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** The platform that it is for, of an addon, e.g. `linux-x64-glibc`; else for all. */
  readonly platform?: string;
}

/** A consfig with all that it is made of. */
export interface ModuleSet {
  /** The hash of the file that lists the others: with it and the files, the set can be loaded. */
  readonly id: string;
  /** The hash of the file that can load the set in a Node that has nothing else. */
  readonly loader: string;
  /** Everything a host needs, these two included, and the addons of all platforms. */
  readonly files: readonly ModuleFile[];
  /** Where the packages are in this machine's file system, by key; nothing of it is in the files. */
  readonly places: Readonly<Record<string, string>>;
  /** The modules of the program itself that the consfig and its packages import. */
  readonly shared: readonly string[];
}

/** What is in the file that lists the others. */
export interface Manifest {
  /** The id of the consfig's own module. */
  readonly entry: string;
  /** The ids of further modules of this package, which are loaded whether or not the consfig does. */
  readonly beside: readonly string[];
  /** The hash of each package's file, by key. */
  readonly packages: Readonly<Record<string, string>>;
  /** The hash of each native addon of this package, by id: a host needs its platform's alone. */
  readonly addons: Readonly<Record<string, string>>;
}

/** The key of the consfig's own sources. */
export const consfigKey = "consfig";
/** The key of this package. */
export const ourKey = "consfigurator";

/** The modules that every process has besides the consfig: what any order may need. */
export const alwaysLoaded = [
  `${ourKey}/engine/index.js`,
  `${ourKey}/connections/local/index.js`,
] as const;

/** How the text of a module file begins; the rest is a function. */
export const beginning = "module.exports = ";
/** The name of that function, by which a stack tells that a module is being loaded. */
export const wrapperName = "__module";

/** The hash by which a file is known. */
export function hashOf(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** The file of those bytes, or that text. */
export function moduleFile(name: string, content: Uint8Array | string): ModuleFile {
  const bytes = Buffer.from(content as Uint8Array);
  return { hash: hashOf(bytes), name, bytes };
}

/** The package's key and the file in it: `@a/b@1.0.0` and `lib/c.js` for `@a/b@1.0.0/lib/c.js`. */
export function partsOf(id: string): { readonly key: string; readonly file: string } {
  const [, key = id, file = ""] = /^((?:@[^/]+\/)?[^/]+)(?:\/(.*))?$/.exec(id) ?? [];
  return { key, file };
}
