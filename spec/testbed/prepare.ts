import { ensureBase, ensureDelayLine } from "./base.js";
import { installPackages, offered } from "./debian.js";
import { testbedUnavailable } from "./machine.js";
import { downloadPackages } from "./packages.js";

/**
 * This machine has all that specs and beds need that comes over a network: Debian's packages, the
 * hosts' root file system, the archives that hosts are offered. Nothing where it cannot have a bed.
 */
export async function prepareMachine(): Promise<void> {
  if (testbedUnavailable()) return;
  installPackages();
  await ensureBase();
  await ensureDelayLine();
  for (const names of offered) await downloadPackages(names);
}
