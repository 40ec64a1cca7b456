import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { compiledUrl } from "../../core/copies.js";
import { consfigKey, ourKey } from "./moduleSet.js";

/** A package, or the consfig's own sources: what is one module file. */
export interface Package {
  readonly key: string;
  readonly directory: string;
}

/** The compiled files of this package, of which module files are made. */
const ourDirectory = fileURLToPath(compiledUrl);

/** The folders of this package of which a consfig can import each folder in them, by its entry. */
export const importable = ["connections", "data", "inventories", "properties"];

/** Packages that only the root process needs: they are never sent. */
const staying = ["chalk", "commander", "esbuild", "piscina", "ssh2", "typescript", "yaml"];

/** This package. */
export const ours: Package = { key: ourKey, directory: ourDirectory };

/** The modules of ours that anything can ask for; they bring the others. */
export function ourModules(): readonly string[] {
  const below = importable.flatMap((folder) =>
    modulesIn(folder).map((name) => entryOf(folder, name)),
  );
  const inside = ["engine/executable/begin.js", "engine/remote/image/serve.js"];
  return [...inside, "engine/index.js", ...below, "zygote/index.js"].sort();
}

/** The names of the modules in one of our folders: `apt`, `file`, … */
export function modulesIn(folder: string): readonly string[] {
  const directory = path.join(ourDirectory, folder);
  if (!existsSync(directory)) return [];
  const names = readdirSync(directory);
  return names.filter((name) => existsSync(path.join(ourDirectory, entryOf(folder, name)))).sort();
}

/** The file that a module in one of our folders is imported by. */
export function entryOf(folder: string, name: string): string {
  return `${folder}/${name}/index.js`;
}

/** The native addons of ours, one for each platform that they have been compiled for. */
export function ourAddons(): readonly string[] {
  const folder = "zygote/prebuilds";
  const directory = path.join(ourDirectory, folder);
  if (!existsSync(directory)) return [];
  const names = readdirSync(directory).filter((name) => name.endsWith(".node"));
  return names.sort().map((name) => `${folder}/${name}`);
}

/** The file in this package that is meant by `consfigurator/…`. */
export function ourFile(specifier: string): string | undefined {
  if (specifier === ourKey) return "engine/index.js";
  if (specifier === `${ourKey}/zygote`) return "zygote/index.js";
  if (specifier === `${ourKey}/fleet`) return "engine/fleet/index.js";
  const [, folder = "", name = "", ...rest] = specifier.split("/");
  const isOurs = importable.includes(folder) && /^\w+$/.test(name) && rest.length === 0;
  const file = entryOf(folder, name);
  return isOurs && existsSync(path.join(ourDirectory, file)) ? file : undefined;
}

/** Whether what a package of that name exports is only where the root process is. */
export function stays(specifier: string): boolean {
  return staying.includes(specifier);
}

/** The package that a file belongs to, in a consfig whose own sources are in that directory. */
export function packageOf(file: string, consfig: string): Package {
  if (file.startsWith(ourDirectory)) return ours;
  const [, directory] =
    /^(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/.exec(file) ?? [];
  if (directory === undefined) return { key: consfigKey, directory: consfig };
  return { key: keyOf(directory), directory };
}

const keys = new Map<string, string>();

/** The same name and version is the same package, wherever it is. */
function keyOf(directory: string): string {
  const known = keys.get(directory);
  if (known !== undefined) return known;
  const [, name = ""] = /[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)$/.exec(directory) ?? [];
  const key = `${name}@${versionIn(directory) ?? "0"}`;
  keys.set(directory, key);
  return key;
}

/** The directory of our zod. */
export function ourZod(): string {
  return path.dirname(createRequire(import.meta.url).resolve("zod/package.json"));
}

/** Our zod, for whoever would get the same version: there is to be one. */
export function ourZodFor(importer: string): string | undefined {
  const zod = ourZod();
  for (let at = importer; ; at = path.dirname(at)) {
    const theirs = versionIn(path.join(at, "node_modules/zod"));
    if (theirs !== undefined) return theirs === versionIn(zod) ? zod : undefined;
    if (at === path.dirname(at)) return zod;
  }
}

function versionIn(directory: string): string | undefined {
  const file = path.join(directory, "package.json");
  if (!existsSync(file)) return undefined;
  return String((JSON.parse(readFileSync(file, "utf8")) as { version?: unknown }).version);
}
