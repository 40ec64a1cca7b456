import { existsSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { foreignPart, replaceFileSync } from "../../core/index.js";
import type { Build } from "./build.js";
import { hashOf } from "./moduleSet.js";
import type { PackageImport } from "./packageImport.js";
import { ours, type Package } from "./packages.js";
import { keepModules, markUsed, modulePath } from "./store.js";

/** A file or directory that a build depends on; null where there is none. */
type Input = readonly [file: string, state: string | null];

interface Memo {
  readonly inputs: readonly Input[];
  readonly hash: string;
  readonly imports: readonly PackageImport[];
}

/** The files that make builds: with another version of these a build is made anew. */
const makers = ["build", "packageImport", "packages", "sources"].map((name) =>
  path.join(ours.directory, `engine/modules/${name}.js`),
);

/**
 * The build of these modules of a package, if it has been made before and nothing it was made of has
 * been touched: packages change seldom, and are most of the work.
 */
export function recall(
  directory: string,
  of: Package,
  files: readonly string[],
): Build | undefined {
  try {
    if (foreignPart(directory) !== undefined) return undefined;
    const file = memoPath(directory, of, files);
    const { inputs, hash, imports } = JSON.parse(readFileSync(file, "utf8")) as Memo;
    if (inputs.some(([input, state]) => stateOf(input) !== state)) return undefined;
    const module = modulePath(directory, hash);
    const bytes = readFileSync(module);
    if (hashOf(bytes) !== hash) return undefined;
    for (const used of [file, module]) markUsed(used);
    return { file: { hash, name: of.key, bytes }, imports, inputs: [] };
  } catch {
    return undefined; // never made, or no longer whole
  }
}

/** Remembers the build for the next time. */
export function remember(
  directory: string,
  of: Package,
  files: readonly string[],
  { file, imports, inputs }: Build,
): void {
  const all = [...inputs, ...makers, ...imports.flatMap(places)];
  const states = [...new Set(all)].map((input): Input => [input, stateOf(input)]);
  const memo: Memo = { inputs: states, hash: file.hash, imports };
  keepModules(directory, [file]);
  replaceFileSync(memoPath(directory, of, files), JSON.stringify(memo), { mode: 0o600 });
}

/** What changes when another version of a package is installed, or one in a nearer place. */
function places({ package: { directory } }: PackageImport): readonly string[] {
  return [path.join(directory, "package.json"), path.dirname(directory)];
}

function memoPath(directory: string, of: Package, files: readonly string[]): string {
  return path.join(directory, `${hashOf(JSON.stringify([of, files]))}.json`);
}

function stateOf(file: string): string | null {
  const stat = existsSync(file) ? statSync(file) : undefined;
  return stat ? `${stat.mtimeMs} ${stat.size}` : null;
}
