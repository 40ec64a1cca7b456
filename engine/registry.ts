import { type Registry, registry as table } from "../zygote/registry.js";
import { InvalidDefinition, UnknownDefinition } from "./errors.js";
import { isOutside } from "./location.js";

export {
  areModulesChecked,
  sealDefinitions,
  trustModules,
  unsealDefinitions,
} from "../zygote/registry.js";

const options = {
  folder: new URL(".", import.meta.url),
  isPersons: isOutside,
  invalid: InvalidDefinition,
  unknown: UnknownDefinition,
};

/** An empty table for definitions of the given sort, e.g. `property`. */
export function registry<D>(sort: string): Registry<D> {
  return table(sort, options);
}
