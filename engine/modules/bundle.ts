/**
 * A consfig, its packages and this one as module files, one for each package: a change of the consfig
 * changes the consfig's own file and no other.
 *
 * Made with esbuild, one build for each package. Rolldown splits by package in a single build and is
 * faster where nothing has been kept, but there a package's chunk exports what the others use of it:
 * importing one more module in the consfig changes the chunk of zod. And its threads run in this
 * process, which is to be forked, while esbuild is a process of its own that has ended by then.
 */
import { readFileSync, realpathSync } from "node:fs";
import path from "node:path";
import { type Build, buildLoader, buildPackage } from "./build.js";
import { recall, remember } from "./memo.js";
import { consfigKey, type Manifest, type ModuleSet, moduleFile, ourKey } from "./moduleSet.js";
import type { PackageImport } from "./packageImport.js";
import { ourAddons, ourModules, ours, ourZod, type Package, packageOf } from "./packages.js";

interface Part extends Package {
  readonly build: Build;
}

/**
 * What loads the consfig in that file, here or on a host, and these modules of ours beside it. What was
 * made of packages is kept in the directory.
 *
 * @throws InvalidConsfig with every problem that the compiler found
 */
export async function bundle(
  consfig: string,
  directory: string,
  modules: readonly string[] = [],
): Promise<ModuleSet> {
  const entry = realpathSync(consfig);
  const [parts, loader] = await compiling(() =>
    Promise.all([allParts(entry, directory), buildLoader()]),
  );
  const addons = ourAddons().map((file) => ({
    ...moduleFile(`${ourKey}/${file}`, readFileSync(path.join(ours.directory, file))),
    platform: path.basename(file, ".node"),
  }));
  const shared = sharedModules(parts);
  const beside = modules.map((file) => `${ourKey}/${file}`).filter((id) => !shared.includes(id));
  const manifest: Manifest = {
    entry: `${consfigKey}/${path.basename(entry)}`,
    beside,
    packages: Object.fromEntries(parts.map(({ key, build }) => [key, build.file.hash])),
    addons: Object.fromEntries(addons.map(({ name, hash }) => [name, hash])),
  };
  const list = moduleFile("manifest", JSON.stringify(manifest));
  return {
    id: list.hash,
    loader: loader.hash,
    files: [...parts.map(({ build }) => build.file), ...addons, list, loader],
    places: Object.fromEntries(parts.map(({ key, directory }) => [key, directory])),
    shared: [...shared, ...beside].sort(),
  };
}

/** Every package that is reached, with what was made of it. */
async function allParts(entry: string, directory: string): Promise<readonly Part[]> {
  const root = path.dirname(entry);
  const wanted = new Map<string, { package: Package; files: Set<string> }>();
  const parts = new Map<string, Part>();
  add({ package: packageOf(entry, root), file: path.basename(entry) });
  for (const file of ourModules()) add({ package: ours, file });
  for (;;) {
    const missing = [...wanted.values()].filter(({ package: { key } }) => !parts.has(key));
    if (missing.length === 0) break;
    const built = await Promise.all(
      missing.map(async ({ package: one, files }) => ({
        ...one,
        build: await part(one, [...files].sort()),
      })),
    );
    for (const part of built) parts.set(part.key, part);
    for (const { build } of built) build.imports.forEach(add);
  }
  return [...parts.values()].sort((a, b) => (a.key < b.key ? -1 : 1));

  async function part(of: Package, files: readonly string[]): Promise<Build> {
    // The person's own modules are few and change often: what was made of them is not kept.
    if (of.key === consfigKey) return buildPackage(of, files, root);
    const known = recall(directory, of, files);
    if (known) return known;
    const made = await buildPackage(of, files, root);
    remember(directory, of, files, made);
    return made;
  }

  /** A module is wanted. A package of which more is wanted than before is made anew. */
  function add({ package: one, file }: PackageImport): void {
    const known = wanted.get(one.key) ?? { package: one, files: new Set() };
    wanted.set(one.key, known);
    if (known.files.has(file)) return;
    known.files.add(file);
    parts.delete(one.key);
  }
}

/** What this program has running: this package, and the packages whose values it shares with it. */
function sharedModules(parts: readonly Part[]): readonly string[] {
  const directory = ourZod();
  const zod = parts.find((part) => part.directory === directory)?.key;
  const ids = parts
    .filter(({ key }) => key !== ourKey)
    .flatMap(({ build }) => build.imports)
    .filter(({ package: { key } }) => key === ourKey || key === zod)
    .map(({ package: { key }, file }) => `${key}/${file}`);
  return [...new Set(ids)].sort();
}

/** How many bundles are being made: one compiler process serves all, and ends with the last. */
let underWay = 0;

async function compiling<T>(work: () => Promise<T>): Promise<T> {
  const { stop } = await import("esbuild");
  underWay++;
  try {
    return await work();
  } finally {
    underWay--;
    if (underWay === 0) await stop();
  }
}
