import { isOutside, type Registry, registry as table } from "../../core/definitions/index.js";
import { InvalidDefinition, UnknownDefinition } from "../base/index.js";

const options = {
  folder: new URL("..", import.meta.url),
  isPersons: isOutside,
  invalid: InvalidDefinition,
  unknown: UnknownDefinition,
};

/** An empty table for definitions of the given sort, e.g. `property`. */
export function registry<D>(sort: string): Registry<D> {
  return table(sort, options);
}
