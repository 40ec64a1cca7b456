import { createRequire, isBuiltin } from "node:module";
import { startupSnapshot } from "node:v8";

/** The names that modules of Node's own export, by the modules' ids. */
export type BuiltinNames = Readonly<Record<string, readonly string[]>>;

/**
 * Node's own modules that can be in a snapshot; some are functions that have to be there at once. Of other
 * modules Node does not say so, and on Node 20 `http` is broken if it is loaded before.
 */
const early = new Set(
  `assert async_hooks buffer constants crypto diagnostics_channel events fs fs/promises module os path
   process querystring stream stream/promises string_decoder timers timers/promises url util v8
   vm`.split(/\s+/),
);

/** What is asked of Node's own modules in the text of our kind of module files. */
export function builtinNames(texts: readonly string[]): BuiltinNames {
  const load = createRequire("/");
  const ids = texts.flatMap((text) => [...text.matchAll(/\brequire\("([\w:/]+)"\)/g)]);
  const late = ids.map(([, id = ""]) => id).filter((id) => isBuiltin(id) && !isEarly(id));
  const entries = [...new Set(late)].sort().map((id) => {
    return [id, Object.getOwnPropertyNames(load(id)).sort()] as const;
  });
  return Object.fromEntries(entries);
}

/** While a snapshot is made: the module, or what looks like it and loads it when it is used. */
export function lateBuiltin(id: string, names: BuiltinNames, load: () => unknown): unknown {
  const exported = names[id];
  if (!startupSnapshot.isBuildingSnapshot() || isEarly(id) || !exported) return load();
  let loaded: Record<string, unknown> | undefined;
  const module = () => {
    loaded ??= load() as Record<string, unknown>;
    return loaded;
  };
  const standIn = {};
  for (const name of exported) {
    Object.defineProperty(standIn, name, {
      enumerable: true,
      configurable: true,
      get: () => module()[name],
      set: (value: unknown) => {
        module()[name] = value;
      },
    });
  }
  return standIn;
}

function isEarly(id: string): boolean {
  return early.has(id.replace(/^node:/, ""));
}
