/**
 * Specs that run while no other does, in a lane that is on the machine's network, and what the machine
 * has only once that they work on.
 */
export const exclusive: ReadonlyMap<string, string> = new Map([
  ["properties/chroot.spec.ts", "bootstraps from the package sources of the machine"],
]);
