import assert from "node:assert/strict";
import { createServer } from "node:net";
import { after, before, describe, test } from "node:test";
import {
  Cancelled,
  ConnectionFailed,
  HostUnreachable,
  InvalidArgument,
} from "../../../engine/errors.js";
import { failure, settleIn } from "./helpers/attempts.js";
import { freePort, Lab, missingServer, type Sshd } from "./helpers/lab.js";

const skip = missingServer();
before(settleIn);

for (const transport of ["ssh2", "system"] as const) {
  describe(`reaching a host by ${transport}`, { skip, timeout: 120_000 }, () => {
    let lab: Lab;
    let server: Sshd;
    let key: string;
    let knownHosts: string;

    before(async () => {
      lab = new Lab();
      key = lab.key();
      server = await lab.sshd([], [lab.publicKey(key)]);
      knownHosts = lab.knownHosts(lab.hostLine(server));
    });
    after(() => lab.close());

    test("nothing listens there", { timeout: 20_000 }, async () => {
      const port = await freePort();
      const error = await failure(
        HostUnreachable,
        lab.options({ port }, key, knownHosts, { transport }),
      );
      assert.equal(error.facts.errno, "ECONNREFUSED");
      assert.ok(error.message.includes(`127.0.0.1:${port}`));
    });

    test("the name does not resolve", { timeout: 30_000 }, async () => {
      const options = lab.options(server, key, knownHosts, { transport });
      const error = await failure(HostUnreachable, { ...options, host: "no-such-host.invalid" });
      assert.ok(["ENOTFOUND", "EAI_AGAIN"].includes(String(error.facts.errno)), error.message);
      assert.match(error.message, /no-such-host\.invalid/);
    });

    test("a server that says nothing is given up", { timeout: 20_000 }, async () => {
      const mute = createServer((socket) => socket.resume());
      await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
      const address = mute.address();
      const port = typeof address === "object" && address ? address.port : 0;
      try {
        const more = { transport, connectTimeoutMs: 1000 };
        const started = performance.now();
        const error = await failure(HostUnreachable, lab.options({ port }, key, knownHosts, more));
        assert.ok(performance.now() - started < 5000);
        assert.equal(error.facts.errno, "ETIMEDOUT");
      } finally {
        mute.close();
      }
    });

    test("a server that hangs up at once", { timeout: 20_000 }, async () => {
      const rude = createServer((socket) => socket.destroy());
      await new Promise<void>((resolve) => rude.listen(0, "127.0.0.1", resolve));
      const address = rude.address();
      const port = typeof address === "object" && address ? address.port : 0;
      try {
        const error = await failure(
          ConnectionFailed,
          lab.options({ port }, key, knownHosts, { transport }),
        );
        assert.match(error.message, /127\.0\.0\.1/);
      } finally {
        rude.close();
      }
    });

    test("cancelling ends the attempt", { timeout: 20_000 }, async () => {
      const mute = createServer((socket) => socket.resume());
      await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
      const address = mute.address();
      const port = typeof address === "object" && address ? address.port : 0;
      try {
        const options = lab.options({ port }, key, knownHosts, { transport });
        await failure(Cancelled, options, AbortSignal.timeout(500));
        await failure(Cancelled, options, AbortSignal.abort());
      } finally {
        mute.close();
      }
    });

    test("options that could be taken for something else are refused", async () => {
      for (const host of ["-oProxyCommand=id", "", "a b", "a;b", "$(id)", "a\nb", "`id`"]) {
        await failure(InvalidArgument, { host, transport });
      }
      await failure(InvalidArgument, { host: "x", user: "-l", transport });
      await failure(InvalidArgument, { host: "x", port: 0, transport });
      await failure(InvalidArgument, { host: "x", knownHostsFiles: ['a"b'], transport });
    });
  });
}
