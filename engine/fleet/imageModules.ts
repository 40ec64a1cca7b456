/** What Node images are made of is compiled once, by the root process, for all its threads. */
import { randomUUID } from "node:crypto";
import { BroadcastChannel } from "node:worker_threads";
import { type ModuleSet, moduleRequirements } from "../modules/index.js";
import { ThreadCodec } from "./threadCodec.js";

type Answer = { readonly set: ModuleSet } | { readonly error: unknown };

/** Threads that ask on the channel, which is to be closed, are answered. */
export function answerForModules(): BroadcastChannel {
  const channel = new BroadcastChannel(`consfigurator-modules-${randomUUID()}`);
  channel.onmessage = async () => {
    const answer: Answer = await moduleRequirements().then(
      (set) => ({ set }),
      (error: unknown) => ({ error }),
    );
    channel.postMessage(new ThreadCodec().pack(answer));
  };
  channel.unref();
  return channel;
}

/** What the root process says on that channel. @throws what keeps it from being made */
export async function askForModules(name: string): Promise<ModuleSet> {
  const channel = new BroadcastChannel(name);
  try {
    const answer = await new Promise<Answer>((resolve) => {
      channel.onmessage = ({ data }: { data?: unknown }) => {
        // Other threads ask on it, too.
        if (data !== asking) resolve(new ThreadCodec().unpack<Answer>(data));
      };
      channel.postMessage(asking);
    });
    if ("error" in answer) throw answer.error;
    return answer.set;
  } finally {
    channel.close();
  }
}

const asking = "asking";
