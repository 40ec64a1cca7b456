import { readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import path from "node:path";
import type { OnResolveResult, PartialMessage, Plugin } from "esbuild";
import { ourKey } from "./moduleSet.js";
import {
  importable,
  modulesIn,
  ourFile,
  ours,
  ourZodFor,
  type Package,
  packageOf,
  stays,
} from "./packages.js";

/** A module of another package that one asks for. */
export interface PackageImport {
  readonly package: Package;
  readonly file: string;
}

const namespace = "package";
const resolving = Symbol("resolving");

/** What `of` imports from other packages is left to the loader, under an id, and told. */
export function packageImports(
  of: Package,
  consfig: string,
  found: (one: PackageImport) => void,
): Plugin {
  return {
    name: "packageImports",
    setup(build) {
      // The modules that stand for those of other packages.
      build.onResolve({ filter: /^/, namespace }, ({ path: id }) => ({ path: id, external: true }));
      build.onResolve({ filter: /^[^.]/, namespace: "file" }, async (args) => {
        if (args.pluginData === resolving || args.kind === "entry-point") return undefined;
        const { path: specifier, resolveDir } = args;
        if (isBuiltin(specifier)) return { path: specifier, external: true };
        if (of === ours && stays(specifier)) return standIn(specifier);
        if (specifier === ourKey || specifier.startsWith(`${ourKey}/`)) {
          const file = ourFile(specifier);
          if (!file) return { errors: [unknown(specifier)] };
          return leave({ package: ours, file });
        }
        const zod = /^zod(\/|$)/.test(specifier) ? ourZodFor(resolveDir) : undefined;
        const target = await build.resolve(specifier, {
          // One instance, also for those who would get the one for CommonJS.
          kind: zod === undefined ? args.kind : "import-statement",
          importer: args.importer,
          resolveDir: zod ?? resolveDir,
          pluginData: resolving,
        });
        if (target.errors.length > 0 || target.namespace !== "file") return undefined;
        const other = packageOf(target.path, consfig);
        if (other.key === of.key) return undefined;
        const file = path.relative(other.directory, target.path).replaceAll(path.sep, "/");
        return leave({ package: other, file });
      });
      // Native code stays where it is; on a host whoever asks for it gets an error.
      build.onResolve({ filter: /\.node$/ }, ({ path: name, resolveDir }) => {
        const file = path.relative(of.directory, path.resolve(resolveDir, name));
        return standIn(`${of.key}/${file}`);
      });
      build.onLoad({ filter: /^/, namespace }, ({ path: id, pluginData }) => ({
        contents: (pluginData as StandIn).contents(JSON.stringify(id)),
      }));
    },
  };

  function leave(one: PackageImport): OnResolveResult {
    const id = `${one.package.key}/${one.file}`;
    const file = path.join(one.package.directory, one.file);
    if (file.endsWith(".node")) return standIn(id);
    found(one);
    return standIn(id, file);
  }
}

function unknown(specifier: string): PartialMessage {
  const known = importable.map((folder) => `${folder}: ${modulesIn(folder).join(", ")}`);
  const notes = [{ text: `There are ${known.join("; ")}` }];
  return { text: `There is no ${JSON.stringify(specifier)}`, notes };
}

interface StandIn {
  readonly contents: (id: string) => string;
}

/**
 * A module of the same kind as the one in the file, so that its names, its `default` among them,
 * mean the same to who imports it.
 */
function standIn(id: string, file?: string): OnResolveResult {
  const text = file !== undefined && mayBeEsm.test(file) ? readFileSync(file, "utf8") : "";
  const pluginData: StandIn = {
    contents: (name) => {
      if (!esm.test(text)) return `module.exports = require(${name});`;
      const also = /\bdefault\b/.test(text) ? `export { default } from ${name};` : "";
      return `export * from ${name};${also}`;
    },
  };
  return { path: id, namespace, pluginData };
}

const mayBeEsm = /\.(m?js|[cm]?ts|[jt]sx)$/;
const esm = /^\s*(import|export)\b|[;}]\s*export\s*[{*]/m;
