import type { Birth, Zygote } from "./birth.js";

/** A new process of the zygote, as soon as there are not too many others. */
export async function born(
  zygote: Zygote,
  messages: Buffer,
  isClient: boolean,
  signal: AbortSignal | undefined,
): Promise<Birth> {
  const release = await zygote.turns.take(signal);
  const birth = zygote.birth(messages, isClient);
  birth.then(({ ended }) => ended.then(release, release), release);
  return signal ? unlessAborted(birth, signal) : birth;
}

/** Whoever gives up does not wait for a zygote that is busy or was stopped. */
async function unlessAborted(birth: Promise<Birth>, signal: AbortSignal): Promise<Birth> {
  let giveUp = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    giveUp = () => {
      birth.then(discard, () => {});
      reject(signal.reason as Error);
    };
  });
  if (signal.aborted) giveUp();
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    return await Promise.race([birth, aborted]);
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}

function discard({ conversation, stdout, stderr, kill }: Birth): void {
  kill("SIGKILL");
  for (const stream of [conversation, stdout, stderr]) stream.destroy();
}
