/**
 * What a consfig's code finds in the process that loads it. Loaded right before that code, by every
 * process that does: this one, a zygote beside it, processes started anew.
 */
import { createRequire } from "node:module";
import { areModulesKnown, useModulesOf } from "../../engine/modules/index.js";
// Hops that chains have without the consfig naming them.
import "../../connections/as/index.js";
import "../../connections/local/index.js";

// Positions in errors are those of the source.
process.setSourceMapsEnabled(true);

const { searchParams } = new URL(import.meta.url);
/** The consfig, which forms may make images and executables of. */
const file = searchParams.get("consfig") ?? "";
if (!areModulesKnown()) useModulesOf(file);

/** Whether the code needs the file's `require`. */
if (searchParams.has("require") && Reflect.get(globalThis, "require") === undefined) {
  Object.defineProperty(globalThis, "require", { value: createRequire(file), configurable: true });
}
