import type { AnyAuthMethod } from "ssh2";
import type { SshContext } from "./options.js";
import type { Stop } from "./route.js";
import type { Attempt } from "./ssh2Login.js";

/** The ways to log in to a stop, offered one after the other as its server asks for them. */
export class Offers {
  /** What has been offered, in words. */
  readonly offered: string[] = [];
  /** The methods that the server takes, as it has said last. */
  accepted: readonly string[] = [];
  readonly #left: Attempt[];
  readonly #stop: Stop;
  readonly #context: SshContext;

  constructor(ways: readonly Attempt[], stop: Stop, context: SshContext) {
    this.#left = [...ways];
    this.#stop = stop;
    this.#context = context;
  }

  /** What is tried next: at first, to learn which methods there are, none; false at the end. */
  next(methods: readonly string[] | null): AnyAuthMethod | false {
    const { user, host } = this.#stop.config;
    if (methods === null) return { type: "none", username: user };
    this.accepted = methods;
    const way = methods.includes("publickey") ? this.#left.shift() : undefined;
    if (!way) return false;
    this.offered.push(way.what);
    this.#context.report?.(3, `${host}: offering ${way.what}`);
    return way.method;
  }
}
