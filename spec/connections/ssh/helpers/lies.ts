import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { openSsh } from "../../../../connections/ssh/openSsh.js";
import type { Transport } from "../../../../engine/model/byteStream.js";
import { settleIn } from "./attempts.js";
import { Lab, missingServer } from "./lab.js";
import { leakCheck } from "./leaks.js";
import { Liar, type LiarOptions } from "./liar.js";

/** Text that would act on a terminal. */
export const escapes = "\u001b[2J\u001b]0;title\u0007\u009b31m\u202eevil\r\nsecond\u0000line";
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what must not be there
export const unsafe = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/;

/** By what key the liar is known. */
type Known = "its own" | "another" | "none";

/** What a test of a lying server is given. */
export interface Lies {
  readonly kind: "ssh2" | "system";
  /** What was reported in the current test. */
  readonly said: string[];
  lab(): Lab;
  /**
   * Starts a liar and hands out the way to connect to it; ends with a leak check. Where it is known by
   * another key, keys of hosts that are new would be accepted.
   */
  lie(
    options: Omit<LiarOptions, "hostKeys">,
    use: (connect: () => Promise<Transport>, liar: Liar) => Promise<void>,
    known?: Known,
  ): Promise<void>;
}

/** The same tests over both transports. */
export function lies(what: string, define: (tools: Lies) => void): void {
  for (const kind of ["ssh2", "system"] as const) {
    describe(`${what}, by ${kind}`, { skip: missingServer(), timeout: 120_000 }, () => {
      let lab: Lab;
      let key: string;
      let hostKey: string;
      const said: string[] = [];

      before(async () => {
        await settleIn();
        lab = new Lab();
        key = lab.key();
        hostKey = lab.key();
      });
      after(() => lab.close());

      const lie = async (
        options: Omit<LiarOptions, "hostKeys">,
        use: (connect: () => Promise<Transport>, liar: Liar) => Promise<void>,
        known: Known = "its own",
      ) => {
        const checkLeaks = leakCheck();
        said.length = 0;
        const liar = await Liar.start({ ...options, hostKeys: [hostKey] });
        const shown = known === "another" ? key : hostKey;
        const line = `[127.0.0.1]:${liar.port} ${lab.publicKey(shown)}`;
        const knownHosts = known === "none" ? lab.knownHosts() : lab.knownHosts(line);
        let transport: Transport | undefined;
        try {
          await use(async () => {
            const settings = lab.options(liar, key, knownHosts, {
              transport: kind,
              connectTimeoutMs: 5000,
              ...(known === "another" && { acceptNewHostKey: true }),
            });
            transport = await openSsh(settings, { report: (_, line) => said.push(line) });
            return transport;
          }, liar);
        } finally {
          await transport?.close();
          await liar.stop();
        }
        await checkLeaks();
        for (const line of said) assert.doesNotMatch(line, unsafe);
      };

      define({ kind, said, lab: () => lab, lie });
    });
  }
}
