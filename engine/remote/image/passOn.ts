import { existsSync, readFileSync } from "node:fs";
import { modulePath, setModules } from "../../modules/index.js";
import type { BootOrder } from "./boot.js";

/** Images that this one starts get the modules that it was sent itself. */
export function passOnModules(directory: string, { id, loader, files }: BootOrder): void {
  setModules(async () => ({
    id,
    loader,
    // Addons of other platforms are not here.
    files: files.flatMap(([hash, , platform]) => {
      const file = modulePath(directory, hash);
      if (!existsSync(file)) return [];
      const one = { hash, name: hash.slice(0, 12), bytes: readFileSync(file) };
      return [platform === undefined ? one : { ...one, platform }];
    }),
    places: {},
    shared: [],
  }));
}
