/**
 * What a consfig's code finds in the process that loads it. Loaded right before that code, by every
 * process that does: this one, a zygote beside it, processes started anew.
 */
import { createRequire } from "node:module";
// Hops that chains have without the consfig naming them.
import "../../connections/as.js";
import "../../connections/local.js";

// Positions in errors are those of the source.
process.setSourceMapsEnabled(true);

/** The file whose `require` the code needs, if any. */
const from = new URL(import.meta.url).searchParams.get("require");
if (from !== null && Reflect.get(globalThis, "require") === undefined) {
  Object.defineProperty(globalThis, "require", { value: createRequire(from), configurable: true });
}
