import { readFileSync } from "node:fs";
import path from "node:path";
import type { Loader, Plugin } from "esbuild";

/** The parameter of a module file that tells where one of its modules is. */
const meta = "__meta";
const local = "__consfigMeta";
const namespace = "meta";
const names = ["url", "dirname", "filename"];

/** What `import.meta` of a module becomes. */
export const importMetaDefines: Readonly<Record<string, string>> = Object.fromEntries(
  names.map((name) => [`import.meta.${name}`, `${local}.${name}`]),
);

/**
 * `import.meta` and `__dirname` tell of the file that a module is written in, which is known when it
 * is loaded: where the sources lie is nothing that a module file depends on.
 */
export function ownPlaces(directory: string): Plugin {
  return {
    name: "ownPlaces",
    setup(build) {
      build.onLoad({ filter: /\.[cm]?[jt]sx?$/, namespace: "file" }, ({ path: file }) => {
        const text = readFileSync(file, "utf8");
        const name = path.relative(directory, file);
        const loader = loaderOf(file);
        if (text.includes("import.meta")) {
          // It is added at the end of the text, where it moves no other line or column.
          const also = `\nimport * as ${local} from ${JSON.stringify(`${namespace}:${name}`)};\n`;
          return { contents: text + also, loader };
        }
        if (!/\b__(dir|file)name\b/.test(text) || /^\s*(import|export)\b/m.test(text)) return;
        const own = `var {dirname:__dirname,filename:__filename}=${meta}(${JSON.stringify(name)});`;
        return {
          contents: text.replace(/^(#!.*\n)?(\s*["']use strict["'];?)?/, `$&${own}`),
          loader,
        };
      });
      build.onResolve({ filter: /^meta:/ }, ({ path: name }) => ({
        path: name.slice(namespace.length + 1),
        namespace,
      }));
      build.onLoad({ filter: /^/, namespace }, ({ path: file }) => {
        const lines = names.map((name) => `export const ${name} = place.${name};`);
        return {
          contents: [`const place = ${meta}(${JSON.stringify(file)});`, ...lines].join("\n"),
        };
      });
    },
  };
}

function loaderOf(file: string): Loader {
  return path
    .extname(file)
    .replace(/[cm](?=[jt]s$)/, "")
    .slice(1) as Loader;
}
