import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Surroundings } from "./load.js";
import { consfigKey, type ModuleSet, ourKey, partsOf } from "./moduleSet.js";
import { ours, ourZod } from "./packages.js";

/**
 * What a set finds in the process that has made it: the running copy of this package, since there
 * must be one table of each sort of definitions; and, where it is installed, all that does not travel.
 */
export async function aroundUs(set: ModuleSet): Promise<Surroundings> {
  const running = new Map<string, unknown>();
  for (const id of set.shared) {
    const { key, file } = partsOf(id);
    const directory = key === ourKey ? ours.directory : ourZod();
    const module: object = await import(pathToFileURL(path.join(directory, file)).href);
    // Bundled modules tell by the mark that a `default` is a module's own.
    running.set(id, Object.defineProperty({ ...module }, "__esModule", { value: true }));
  }
  return { places: set.places, running, outside: (id) => installed(id, set.places) };
}

function installed(id: string, places: ModuleSet["places"]): unknown {
  const { key, file } = partsOf(id);
  const place = places[key];
  const from = createRequire(path.join(places[consfigKey] ?? "", "consfig.cjs"));
  return from(place === undefined ? id : path.join(place, file));
}
