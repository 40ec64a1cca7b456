import { text } from "node:stream/consumers";
import { after, afterEach, before, beforeEach, describe } from "node:test";
import { openSsh, type SshOptions } from "../../../../connections/ssh/openSsh.js";
import type { StreamEnd, Transport } from "../../../../engine/byteStream.js";
import { settleIn } from "./attempts.js";
import { Lab, missingServer, type Sshd } from "./lab.js";
import { leakCheck } from "./leaks.js";

/** What a test of a transport works on; `transport` is a fresh one for each test. */
export class Ground {
  readonly kind: "ssh2" | "system";
  lab!: Lab;
  server!: Sshd;
  transport!: Transport;
  #key!: string;
  #knownHosts!: string;

  constructor(kind: "ssh2" | "system") {
    this.kind = kind;
  }

  async prepare(): Promise<void> {
    await settleIn();
    this.lab = new Lab();
    this.#key = this.lab.key();
    this.server = await this.lab.sshd([], [this.lab.publicKey(this.#key)]);
    this.#knownHosts = this.lab.knownHosts(this.lab.hostLine(this.server));
  }

  options(more: { settings?: readonly string[] } = {}): SshOptions {
    const all = { transport: this.kind, ...more };
    return this.lab.options(this.server, this.#key, this.#knownHosts, all);
  }

  async run(
    command: string,
    input: Buffer | string = "",
  ): Promise<{ stdout: string; stderr: string; end: StreamEnd }> {
    const stream = await this.transport.open(command);
    stream.stdin.end(input);
    const [stdout, stderr, end] = await Promise.all([
      text(stream.stdout),
      text(stream.stderr),
      stream.ended,
    ]);
    return { stdout, stderr, end };
  }
}

/** The same tests over both transports, each test with a connection and a leak check of its own. */
export function bothTransports(what: string, define: (on: Ground) => void): void {
  for (const kind of ["ssh2", "system"] as const) {
    describe(`${what} by ${kind}`, { skip: missingServer(), timeout: 180_000 }, () => {
      const on = new Ground(kind);
      let checkLeaks: () => Promise<void>;
      before(() => on.prepare());
      after(() => on.lab.close());
      beforeEach(async () => {
        checkLeaks = leakCheck();
        on.transport = await openSsh(on.options());
      });
      afterEach(async () => {
        await on.transport.close();
        await checkLeaks();
      });
      define(on);
    });
  }
}
