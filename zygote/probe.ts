import { randomInt, randomUUID } from "node:crypto";
import { stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { Semaphore } from "../core/index.js";
import { setZygote } from "./current.js";
import { ZygoteRefused } from "./errors.js";
import { evalInGrandchild } from "./evaluate.js";
import type { ForkedZygote } from "./forkedZygote.js";
import { form } from "./form.js";
import type { GrandchildHandle, HowToSpawn, Zygote } from "./zygote.js";

const limitMs = 2000;

/** Does a little of everything that a forked process may be unable to do. */
export const probe = form("zygote.probe", {
  args: z.tuple([]),
  evaluate: async () => {
    // Enough for the first collections of garbage.
    const bytes = Buffer.alloc(10_000_000, 1);
    const objects = Array.from({ length: 10_000 }, (_, i) => ({ i, text: `${i}` }));
    await sleep(1);
    const { size } = await stat("/");
    const isWhole = bytes.at(-1) === 1 && objects.at(-1)?.text === "9999" && size >= 0;
    return { isWhole, pid: process.pid };
  },
});

/** Draws random values, from caches that may have been filled before the fork. */
const draw = form("zygote.draw", {
  args: z.tuple([]),
  evaluate: () => `${randomUUID()} ${randomInt(2 ** 40)}`,
});

/** Makes this the zygote of this process, once its grandchildren are known to work. @throws ZygoteRefused */
export async function adopt(zygote: ForkedZygote): Promise<Zygote> {
  try {
    await tryOut(zygote);
  } catch (error) {
    await zygote.close();
    throw error;
  }
  setZygote(zygote);
  return zygote;
}

/** As {@link adopt}, but its grandchildren are tried when the first of them is asked for. */
export function adoptUntried(zygote: ForkedZygote): Zygote {
  const untried = new UntriedZygote(zygote);
  setZygote(untried);
  return untried;
}

class UntriedZygote implements Zygote {
  readonly kind = "forked";
  /**
   * A semaphore of its own: grandchildren that try the zygote out do not wait for those that wait
   * for them.
   */
  readonly semaphore: Semaphore;
  readonly #zygote: ForkedZygote;
  #tried: Promise<void> | undefined;

  constructor(zygote: ForkedZygote) {
    this.#zygote = zygote;
    this.semaphore = zygote.semaphore.another();
    // Nobody knows before the zygote was tried out, so the worse is assumed.
    zygote.staleRandomness = true;
  }

  get pid(): number {
    return this.#zygote.pid;
  }

  get staleRandomness(): boolean {
    return this.#zygote.staleRandomness;
  }

  async spawn(messages: Buffer, how: HowToSpawn): Promise<GrandchildHandle> {
    this.#tried ??= tryOut(this.#zygote);
    await this.#tried;
    return this.#zygote.spawn(messages, how);
  }

  close(): Promise<void> {
    return this.#zygote.close();
  }
}

/** @throws ZygoteRefused */
async function tryOut(zygote: ForkedZygote): Promise<void> {
  await probeZygote(zygote);
  zygote.staleRandomness = await drawsRepeat(zygote);
}

async function probeZygote(zygote: Zygote): Promise<void> {
  const outcome = await evalInGrandchild(null, probe(), { zygote, timeoutMs: limitMs });
  if (outcome.value?.isWhole && outcome.value.pid === outcome.pid) return;
  const { ended, exitCode, signal, stderr } = outcome;
  throw new ZygoteRefused(
    "probe",
    `a grandchild does not work: ${ended}, exit code ${exitCode}, signal ${signal}; ${stderr}`,
    "use a separate zygote or the pool of exec'ed processes, and report this with your Node version",
  );
}

/** Whether two grandchildren draw the same: then the caches were filled before they were forked. */
async function drawsRepeat(zygote: Zygote): Promise<boolean> {
  const options = { zygote, nested: false, timeoutMs: limitMs };
  const [one, other] = await Promise.all([
    evalInGrandchild(null, draw(), options),
    evalInGrandchild(null, draw(), options),
  ]);
  const [uuid, int] = one.value?.split(" ") ?? [];
  return (
    one.value === undefined ||
    other.value?.split(" ").some((x) => x === uuid || x === int) !== false
  );
}
