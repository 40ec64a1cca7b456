import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Plugin } from "esbuild";
import { compiledPath, compiledUrl } from "../package.js";
import { didYouMean } from "../suggest.js";

/** The folders of this package whose files a consfig can import. */
const folders = ["properties", "connections", "data"];

/** The compiled file that a consfig means by `consfigurator/…`, below the folder of compiled files. */
export function ownModule(name: string): string | undefined {
  if (name === "consfigurator") return "engine/index.js";
  if (name === "consfigurator/zygote") return "zygote/index.js";
  const [, folder = "", ...rest] = name.split("/");
  if (!folders.includes(folder) || rest.length === 0 || rest.includes("..")) return undefined;
  const file = `${folder}/${rest.join("/")}.js`;
  return existsSync(compiledPath(file)) ? file : undefined;
}

/** The names of the modules in one of our folders: `apt`, `file`, … */
export function ownModules(folder: string): readonly string[] {
  const directory = compiledPath(`${folder}/`);
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((name) => name.endsWith(".js"))
    .map((name) => name.slice(0, -".js".length))
    .sort();
}

/**
 * A consfig's imports of this package are the running copy, wherever the consfig is and whatever is
 * in its `node_modules`: definitions are kept in tables, and there must be one of each.
 */
export const ourselves: Plugin = {
  name: "ourselves",
  setup(build) {
    build.onResolve({ filter: /^consfigurator(\/|$)/ }, ({ path: name }) => {
      const file = ownModule(name);
      if (file)
        return { path: new URL(file, compiledUrl).href, external: true, sideEffects: false };
      const known = [
        "consfigurator/zygote",
        ...folders.flatMap((folder) =>
          ownModules(folder).map((one) => `consfigurator/${folder}/${one}`),
        ),
      ];
      return {
        errors: [{ text: `There is no "${name}"`, notes: [{ text: didYouMean(name, known) }] }],
      };
    });
    build.onResolve({ filter: /^zod$/ }, ({ resolveDir }) =>
      usesOurZod(resolveDir)
        ? { path: import.meta.resolve("zod"), external: true, sideEffects: false }
        : undefined,
    );
  },
};

/**
 * Whether what imports zod in that directory can have ours: it has none of its own, or the same
 * version. Ours is in memory already, and theirs would be a large part of what is compiled.
 */
export function usesOurZod(directory: string): boolean {
  const theirs = zodVersion(directory);
  return theirs === undefined || theirs === zodVersion(compiledPath(""));
}

function zodVersion(directory: string): string | undefined {
  for (let at = directory; ; at = path.dirname(at)) {
    const file = path.join(at, "node_modules/zod/package.json");
    if (existsSync(file)) {
      return String((JSON.parse(readFileSync(file, "utf8")) as { version?: unknown }).version);
    }
    if (at === path.dirname(at)) return undefined;
  }
}
