import type { Plugin } from "esbuild";
import { runningUrl } from "../../core/copies.js";
import { reasonOf } from "../../core/index.js";
import { ConsfigError, InvalidArgument, InvalidConsfig } from "../../engine/base/index.js";
import { isPropspec, type Propspec } from "../../engine/model/index.js";
import {
  doesNotCompile,
  entryOf,
  isBuildFailure,
  modulesIn,
  problemOf,
} from "../../engine/modules/index.js";
import { similar } from "../suggest.js";
import { compile } from "./compile.js";
import { loadCode, type Modules } from "./load.js";

/**
 * The propspecs that the expressions stand for. In their scope are what the consfig exports, the
 * built-in properties by file (`apt`, `file`, …), and what `consfigurator` exports.
 *
 * @throws InvalidConsfig, InvalidArgument
 */
export async function evaluateExpressions(
  consfig: Modules,
  expressions: readonly string[],
): Promise<readonly Propspec[]> {
  const texts = expressions.map((text) => text.replace(/[;\s]+$/, ""));
  for (const [index, text] of texts.entries()) await assertSyntax(text, nameOf(index));
  const scope = await scopeOf(consfig);
  const entry = texts.map((_, i) => `export { default as e${i} } from "expression:${i}";`);
  const compiled = await compile(consfig.file, {
    stdin: { contents: entry.join("\n") },
    inject: ["scope:"],
    plugins: [modulesOf(texts, scope)],
  });
  const thunks = await loadCode("the expression", compiled);
  return texts.map((text, index) => {
    const thunk = thunks[`e${index}`] as () => unknown;
    const value = evaluated(thunk, nameOf(index), [...scope.keys()]);
    if (isPropspec(value)) return placed(value, nameOf(index));
    throw new InvalidArgument(
      `${text} is ${typeof value === "function" ? "a function" : "no property"}`,
      {
        at: nameOf(index),
        hint: "expected a property applied to its arguments, or a combinator of such",
      },
    );
  });
}

function nameOf(index: number): string {
  return `expression ${index + 1}`;
}

/** @throws InvalidConsfig when the text is no expression. */
async function assertSyntax(text: string, name: string): Promise<void> {
  const { transform } = await import("esbuild");
  const options = { loader: "ts", logLevel: "silent", sourcefile: name } as const;
  try {
    await transform(text, options);
    await transform(asModule(text), options);
  } catch (error) {
    if (isBuildFailure(error))
      throw doesNotCompile(
        name,
        error.errors.map((one) => problemOf(one)),
      );
    throw error;
  }
}

/**
 * The expression as a function on lines of its own, so that it is evaluated by itself, whatever it
 * ends with.
 */
function asModule(text: string): string {
  return `export default () => (\n${text}\n);`;
}

/** For each name an expression can use, the module it comes from, and its name there (`*`: all). */
type Scope = ReadonlyMap<string, { readonly url: string; readonly name: string }>;

async function scopeOf(consfig: Modules): Promise<Scope> {
  const engine = await import("../../engine/index.js");
  const engineUrl = new URL("engine/index.js", runningUrl).href;
  const scope = new Map(Object.keys(engine).map((name) => [name, { url: engineUrl, name }]));
  for (const module of modulesIn("properties")) {
    scope.set(module, { url: new URL(entryOf("properties", module), runningUrl).href, name: "*" });
  }
  for (const name of Object.keys(consfig.exports)) {
    if (name !== "default") scope.set(name, { url: consfig.url, name });
  }
  return scope;
}

function modulesOf(texts: readonly string[], scope: Scope): Plugin {
  const contents = new Map(texts.map((text, index) => [String(index), asModule(text)]));
  const names = [...scope].map(([name, from]) => {
    const what = from.name === "*" ? `* as ${name}` : `{ ${from.name} as ${name} }`;
    return `export ${what} from ${JSON.stringify(from.url)};`;
  });
  return {
    name: "expressions",
    setup(build) {
      const loaded = { resolveDir: process.cwd(), loader: "ts" } as const;
      build.onResolve({ filter: /^expression:/ }, ({ path }) => ({
        path: path.slice("expression:".length),
        namespace: "expression",
      }));
      build.onLoad({ filter: /^/, namespace: "expression" }, ({ path }) => ({
        ...loaded,
        contents: contents.get(path) ?? "",
      }));
      build.onResolve({ filter: /^scope:/ }, () => ({ path: "scope", namespace: "scope" }));
      build.onLoad({ filter: /^/, namespace: "scope" }, () => ({
        ...loaded,
        contents: names.join("\n"),
      }));
      // Only what an expression names is loaded.
      build.onResolve({ filter: /^file:/, namespace: "scope" }, ({ path }) => ({
        path,
        external: true,
        sideEffects: false,
      }));
    },
  };
}

function evaluated(thunk: () => unknown, name: string, names: readonly string[]): unknown {
  try {
    return thunk();
  } catch (error) {
    if (error instanceof ConsfigError) {
      // The expression's name tells more than a line and column of the module around it.
      Object.assign(error.facts, { at: name });
      throw error;
    }
    const text = reasonOf(error);
    const unknown = /^(\w+) is not defined$/.exec(text)?.[1];
    const meant = unknown === undefined ? [] : similar(unknown, names);
    const hint = meant.length > 0 ? { hint: `did you mean ${meant.join(" or ")}?` } : {};
    throw new InvalidConsfig(`${name}: ${text}`, hint, { cause: error });
  }
}

/** The propspec, wholly said to be from that place. */
function placed(spec: Propspec, at: string): Propspec {
  if ("property" in spec) return { ...spec, at };
  return { ...spec, at, props: spec.props.map((prop) => placed(prop, at)) };
}
