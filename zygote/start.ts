import type { Zygote } from "./birth.js";
import { setZygote } from "./current.js";
import { ForkedZygote } from "./forkedZygote.js";
import { forkZygote } from "./grandchild.js";
import { native } from "./native.js";
import { whenReady } from "./preconditions.js";
import { drawsRepeat, probeZygote } from "./probe.js";
import { sealForGood } from "./registry.js";

/** How a zygote is made. */
export interface ZygoteOptions {
  /** How many grandchildren wait forked ahead: each makes one request faster. 1 unless said otherwise. */
  readonly spares?: number;
}

/**
 * Forks the zygote out of this process, and makes it the one that `evalInGrandchild` asks.
 *
 * Call it once all modules are loaded, and before any request or secret is read: every grandchild is
 * a copy of this moment. In grandchildren the promise never settles, so what follows an `await` of
 * it runs in this process alone.
 *
 * @throws ZygoteRefused naming the precondition that does not hold
 */
export async function startZygote({ spares = 1 }: ZygoteOptions = {}): Promise<Zygote> {
  native();
  await whenReady();
  sealForGood("the zygote was made before it");
  const end = forkZygote(spares);
  if (!end) return new Promise(() => {});
  const zygote = new ForkedZygote(end, { staleRandomness: false });
  try {
    await probeZygote(zygote);
    zygote.staleRandomness = await drawsRepeat(zygote);
  } catch (error) {
    await zygote.close();
    throw error;
  }
  setZygote(zygote);
  return zygote;
}
