import path from "node:path";
import type { BuildOptions } from "esbuild";
import { beginning, consfigKey, type ModuleFile, moduleFile, wrapperName } from "./moduleSet.js";
import { type PackageImport, packageImports } from "./packageImport.js";
import { ours, type Package } from "./packages.js";
import { doesNotCompile, isBuildFailure, type Problem, problemOf } from "./problem.js";
import { importMetaDefines, ownPlaces } from "./sources.js";

/** What was made of a package. */
export interface Build {
  readonly file: ModuleFile;
  /** The modules of other packages that this one asks for, in an order that is always the same. */
  readonly imports: readonly PackageImport[];
  /** The files it was made of, and where its packages are looked for first. */
  readonly inputs: readonly string[];
}

const common = {
  bundle: true,
  write: false,
  format: "cjs",
  platform: "node",
  target: "node20",
  logLevel: "silent",
  legalComments: "none",
  charset: "utf8",
} as const satisfies BuildOptions;

/**
 * Each Node image reads the text before it does anything else, and V8 takes one byte for each character
 * where all are ASCII. esbuild leaves regular expressions as they are: in ours, characters are escaped.
 * Node prints the line of an error that nobody has caught, so lines are not long.
 */
const compact = {
  charset: "ascii",
  minifyWhitespace: true,
  lineLimit: 160,
} as const satisfies BuildOptions;

/**
 * A package's module file: a function that gives those of its modules that others ask for. Each runs
 * when it is asked for; esbuild names the function that runs it after the module's file.
 */
export async function buildPackage(
  of: Package,
  files: readonly string[],
  root: string,
): Promise<Build> {
  const { build } = await import("esbuild");
  const found = new Map<string, PackageImport>();
  const note = (one: PackageImport) => found.set(`${one.package.key}/${one.file}`, one);
  const table = files.map((file) => {
    const name = JSON.stringify(file);
    return `${name}: () => require(${JSON.stringify(`./${file}`)}),\n`;
  });
  const options = {
    ...common,
    metafile: true,
    stdin: {
      contents: `module.exports = {\n${table.join("")}};`,
      resolveDir: of.directory,
      sourcefile: "modules.cjs",
    },
    absWorkingDir: of.directory,
    // Never written: positions in the source map are relative to it.
    outfile: path.join(of.directory, "consfig.modules.cjs"),
    // esbuild would give two classes of the same name different names.
    keepNames: true,
    // Errors in the consfig tell its lines. In other packages the names of functions are enough.
    ...(of.key === consfigKey ? { sourcemap: "inline", sourcesContent: false } : compact),
    banner: {
      js: `${beginning}(function ${wrapperName}(require, module, exports, __meta) {`,
    },
    footer: { js: "});" },
    supported: { "dynamic-import": false },
    define: importMetaDefines,
    plugins: [packageImports(of, root, note), ownPlaces(of.directory)],
  } satisfies BuildOptions;
  const { outputFiles, metafile } = await build(options).catch((error: unknown) => {
    if (!isBuildFailure(error)) throw error;
    const problems = error.errors.map((one) => inOurWords(problemOf(one, of.directory)));
    const what =
      of.key === consfigKey ? path.relative("", path.join(root, files[0] ?? "")) : of.key;
    throw doesNotCompile(what, problems);
  });
  const sorted = [...found].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    file: moduleFile(of.key, outputFiles[0]?.text ?? ""),
    imports: sorted.map(([, one]) => one),
    inputs: [...Object.keys(metafile.inputs), "package.json", "node_modules"]
      .filter((name) => !/^(meta|package):/.test(name) && name !== "modules.cjs")
      .map((name) => path.join(of.directory, name)),
  };
}

function inOurWords(problem: Problem): Problem {
  if (!problem.text.startsWith("Top-level await")) return problem;
  const text =
    "A module cannot wait at its top level: all are loaded at once, before any work begins";
  return { ...problem, text };
}

/** What loads module files in a Node that has nothing else: `require` it for `loadModules`. */
export async function buildLoader(): Promise<ModuleFile> {
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
    ...common,
    absWorkingDir: ours.directory,
    entryPoints: ["./engine/modules/loader.js"],
    outfile: path.join(ours.directory, "loader.cjs"),
  });
  return moduleFile("loader", outputFiles[0]?.text ?? "");
}
