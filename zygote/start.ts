import { sealForGood } from "../core/definitions/index.js";
import { ForkedZygote } from "./forkedZygote.js";
import { forkZygote } from "./grandchild.js";
import { native } from "./native.js";
import { whenReady } from "./preconditions.js";
import { adopt, adoptUntried } from "./probe.js";
import type { Zygote } from "./zygote.js";

/** How a zygote is made. */
export interface ZygoteOptions {
  /** How many grandchildren wait forked ahead: each makes one request faster. 1 unless said otherwise. */
  readonly spares?: number;
  /** How many grandchildren there may be at once; further requests wait. 128 unless said otherwise. */
  readonly concurrency?: number;
  /**
   * When it is made sure that grandchildren work, which takes as long as two of them: at once, or
   * not before the first is asked for, which then fails if they do not.
   */
  readonly probed?: "atOnce" | "whenAsked";
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
export async function startZygote({
  spares = 1,
  concurrency,
  probed = "atOnce",
}: ZygoteOptions = {}): Promise<Zygote> {
  native();
  await whenReady();
  sealForGood("the zygote was made before it");
  const end = forkZygote(spares);
  if (!end) return new Promise(() => {});
  const zygote = new ForkedZygote(end, { staleRandomness: false, concurrency });
  return probed === "atOnce" ? adopt(zygote) : adoptUntried(zygote);
}
