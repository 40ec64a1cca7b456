import { startupSnapshot } from "node:v8";

const methods = {
  toReversed(this: unknown[]) {
    return Array.from(this).reverse();
  },
  toSorted(this: unknown[], compare?: (a: unknown, b: unknown) => number) {
    return Array.from(this).sort(compare);
  },
  toSpliced(this: unknown[], ...args: [number, number, ...unknown[]]) {
    const copy = Array.from(this);
    copy.splice(...args);
    return copy;
  },
  with(this: unknown[], index: number, value: unknown) {
    const copy = Array.from(this);
    const at = index < 0 ? copy.length + index : index;
    if (at < 0 || at >= copy.length) throw new RangeError(`Invalid index : ${index}`);
    copy[at] = value;
    return copy;
  },
};

/**
 * Modules and the prerequest find the methods of arrays that a Node 20 lacks as long as it makes a
 * snapshot. What begins with the snapshot has Node's own again.
 */
export function completeArrays(): void {
  if (!startupSnapshot.isBuildingSnapshot() || "toSorted" in Array.prototype) return;
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(Array.prototype, name, { value, writable: true, configurable: true });
  }
  startupSnapshot.addSerializeCallback(() => {
    for (const name of Object.keys(methods)) Reflect.deleteProperty(Array.prototype, name);
  });
}
