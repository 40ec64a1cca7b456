import { readFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { BuildOptions, Loader, Plugin } from "esbuild";
import { doesNotCompile, isBuildFailure, ownCache, problemOf } from "../../engine/modules/index.js";
import { keepCode } from "./cache.js";
import { ourselves } from "./ourselves.js";

/** Code for this process, made of a file and all it imports. */
export interface Compiled {
  readonly url: string;
  /** What every process that loads the code loads before it. */
  readonly surroundings: string;
  /** The files that the code was made of. */
  readonly inputs: readonly string[];
}

/**
 * The code compiled and put together into one file, which imports nothing but Node and this package.
 * `from` is the consfig that it is about.
 *
 * @throws InvalidConsfig with every problem the compiler found.
 */
export async function compile(from: string, input: BuildOptions): Promise<Compiled> {
  const { build, stop } = await import("esbuild");
  const options = {
    ...input,
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "node",
    target: "node20",
    sourcemap: "inline",
    sourcesContent: false,
    logLevel: "silent",
    legalComments: "none",
    charset: "utf8",
    define: Object.fromEntries(
      ["url", "dirname", "filename"].map((name) => [`import.meta.${name}`, `${metaName}.${name}`]),
    ),
    // Never written: positions in the source map are relative to it, so it is where the code will be.
    outfile: path.join(ownCache(), "consfig.mjs"),
    plugins: [...(input.plugins ?? []), ourselves, importMeta, addons],
  } satisfies BuildOptions;
  try {
    const { outputFiles, metafile } = await build(options);
    const code = outputFiles[0]?.text ?? "";
    const surroundings = new URL("surroundings.js", import.meta.url);
    surroundings.searchParams.set("consfig", from);
    // CommonJS packages in a consfig load what is Node's own, or native, with `require`.
    if (code.includes("__require")) surroundings.searchParams.set("require", "");
    const inputs = Object.keys(metafile.inputs).filter((name) => !/^(<|[\w-]+:)/.test(name));
    return {
      url: pathToFileURL(keepCode(code)).href,
      surroundings: surroundings.href,
      inputs: inputs.map((name) => path.resolve(name)),
    };
  } catch (error) {
    if (!isBuildFailure(error)) throw error;
    throw doesNotCompile(
      path.relative("", from),
      error.errors.map((one) => problemOf(one)),
    );
  } finally {
    await stop();
  }
}

const metaName = "__consfigMeta";

/** `import.meta` keeps telling of the file it is written in, although the code runs elsewhere. */
const importMeta: Plugin = {
  name: "importMeta",
  setup(build) {
    const namespace = "consfig-meta";
    build.onLoad({ filter: /\.[cm]?[jt]sx?$/, namespace: "file" }, async ({ path: file }) => {
      const text = await readFile(file, "utf8");
      if (!text.includes("import.meta")) return undefined;
      // At the end, where it moves no other line or column.
      const also = `\nimport * as ${metaName} from ${JSON.stringify(`${namespace}:${file}`)};\n`;
      return { contents: text + also, loader: loaderOf(file) };
    });
    build.onResolve({ filter: new RegExp(`^${namespace}:`) }, ({ path: name }) => ({
      path: name.slice(namespace.length + 1),
      namespace,
    }));
    build.onLoad({ filter: /^/, namespace }, ({ path: file }) => {
      const meta = { url: pathToFileURL(file).href, dirname: path.dirname(file), filename: file };
      const lines = Object.entries(meta).map(
        ([name, value]) => `export const ${name} = ${JSON.stringify(value)};`,
      );
      return { contents: lines.join("\n"), loader: "js" };
    });
  },
};

function loaderOf(file: string): Loader {
  const extension = path.extname(file).replace(/[cm](?=[jt]s$)/, "");
  return extension.slice(1) as Loader;
}

/** Native addons stay where they are. */
const addons: Plugin = {
  name: "addons",
  setup(build) {
    build.onResolve({ filter: /\.node$/ }, ({ path: name, resolveDir }) =>
      name.startsWith(".") ? { path: path.resolve(resolveDir, name), external: true } : undefined,
    );
    build.onResolve({ filter: /^file:/ }, ({ path: url }) => ({ path: url, external: true }));
  },
};
