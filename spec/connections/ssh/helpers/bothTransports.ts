import { text } from "node:stream/consumers";
import { after, afterEach, before, beforeEach, describe } from "node:test";
import { openSsh, type SshOptions } from "../../../../connections/ssh/openSsh.js";
import type { StreamEnd, Transport } from "../../../../engine/model/byteStream.js";
import { settleIn } from "./attempts.js";
import { Lab, missingServer, type Sshd } from "./lab.js";
import { leakCheck } from "./leaks.js";

/** How options differ from those that lead to the ground's server with what it lets in. */
export interface Deviations extends Partial<SshOptions> {
  readonly server?: { readonly port: number };
  readonly key?: string;
  readonly knownHosts?: string;
  readonly settings?: readonly string[];
}

/** A server that lets one key in, and the way to it by one kind of transport. */
export class Ground {
  readonly kind: "ssh2" | "system";
  lab!: Lab;
  server!: Sshd;
  key!: string;
  knownHosts!: string;

  constructor(kind: "ssh2" | "system") {
    this.kind = kind;
  }

  async prepare(): Promise<void> {
    await settleIn();
    this.lab = new Lab();
    this.key = this.lab.key();
    this.server = await this.lab.sshd([], [this.lab.publicKey(this.key)]);
    this.knownHosts = this.lab.knownHosts(this.lab.hostLine(this.server));
  }

  options(deviations: Deviations = {}): SshOptions {
    const { server = this.server, key = this.key, knownHosts, ...more } = deviations;
    const all = { transport: this.kind, ...more };
    return this.lab.options(server, key, knownHosts ?? this.knownHosts, all);
  }
}

/** A ground with a connection, a fresh one for each test. */
export class ConnectedGround extends Ground {
  transport!: Transport;

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

/** The same tests for both kinds of transport. */
export function bothKinds(what: string, define: (on: Ground) => void): void {
  onBoth(what, (kind) => new Ground(kind), define);
}

/** The same tests over both transports, each test with a connection and a leak check of its own. */
export function bothTransports(what: string, define: (on: ConnectedGround) => void): void {
  onBoth(
    what,
    (kind) => new ConnectedGround(kind),
    (on) => {
      let checkLeaks: () => Promise<void>;
      beforeEach(async () => {
        checkLeaks = leakCheck();
        on.transport = await openSsh(on.options());
      });
      afterEach(async () => {
        await on.transport.close();
        await checkLeaks();
      });
      define(on);
    },
  );
}

function onBoth<G extends Ground>(
  what: string,
  make: (kind: "ssh2" | "system") => G,
  define: (on: G) => void,
): void {
  for (const kind of ["ssh2", "system"] as const) {
    describe(`${what} by ${kind}`, { skip: missingServer(), timeout: 180_000 }, () => {
      const on = make(kind);
      before(() => on.prepare());
      after(() => on.lab.close());
      define(on);
    });
  }
}
