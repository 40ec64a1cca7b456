import { type KeptModules, setModules } from "../../modules/index.js";
import type { BootOrder } from "./boot.js";

/** Images that this one starts get the modules that it was sent itself. */
export function passOnModules(modules: KeptModules, { id, loader, files }: BootOrder): void {
  setModules(async () => ({
    id,
    loader,
    // Addons of other platforms are not here.
    files: files.flatMap(([hash, , platform]) => {
      const bytes = modules.bytesOf(hash);
      if (!bytes) return [];
      const one = { hash, name: hash.slice(0, 12), bytes };
      return [platform === undefined ? one : { ...one, platform }];
    }),
    places: {},
    shared: [],
  }));
}
