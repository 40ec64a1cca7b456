import { reasonOf } from "../../core/index.js";
import { ConsfigError, InvalidInventory } from "../../engine/index.js";

/** What the work gives; what it throws becomes an error that tells the place. @throws InvalidInventory */
export function refusing<T>(at: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof ConsfigError) throw error;
    const text = reasonOf(error);
    throw new InvalidInventory(text, { at }, { cause: error });
  }
}
