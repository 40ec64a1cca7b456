/** Specs that run while no other does, in a lane that is on the machine's network; and why they have to. */
export const exclusive: ReadonlyMap<string, string> = new Map([
  ["properties/chroot.spec.ts", "it bootstraps from the machine's package sources"],
]);
