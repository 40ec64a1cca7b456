import assert from "node:assert/strict";
import { connect, createServer, type Socket } from "node:net";
import { test } from "node:test";
import { openSsh } from "../../../connections/ssh/openSsh.js";
import {
  Cancelled,
  ConnectionFailed,
  HostUnreachable,
  InvalidArgument,
} from "../../../engine/base/errors.js";
import { failure } from "./helpers/attempts.js";
import { bothKinds } from "./helpers/bothTransports.js";
import { freePort } from "./helpers/lab.js";

const mute = (socket: Socket) => socket.resume();
const rude = (socket: Socket) => socket.destroy();

bothKinds("reaching a host", (on) => {
  test("nothing listens there", { timeout: 20_000 }, async () => {
    const port = await freePort();
    const error = await failure(HostUnreachable, on.options({ server: { port } }));
    assert.equal(error.facts.errno, "ECONNREFUSED");
    assert.ok(error.message.includes(`127.0.0.1:${port}`));
  });

  test("a server that is away for a moment is tried once more", { timeout: 20_000 }, async () => {
    const port = await freePort();
    const sockets: Socket[] = [];
    const through = (socket: Socket) => {
      const onward = connect(on.server.port, "127.0.0.1");
      sockets.push(socket, onward);
      for (const one of [socket, onward]) one.on("error", () => {});
      socket.pipe(onward).pipe(socket);
    };
    const knownHosts = on.lab.knownHosts(
      `[127.0.0.1]:${port} ${on.server.publicHostKey("ed25519")}`,
    );
    const told: string[] = [];
    const back = createServer(through);
    const report = (_level: number, text: string) => {
      told.push(text);
      if (/refused the connection/.test(text)) back.listen(port, "127.0.0.1");
    };
    try {
      const transport = await openSsh(on.options({ server: { port }, knownHosts }), { report });
      await transport.close();
      assert.equal(told.filter((text) => /trying once more/.test(text)).length, 1);
    } finally {
      back.close();
      for (const socket of sockets) socket.destroy();
    }
  });

  test("the name does not resolve", { timeout: 30_000 }, async () => {
    const options = on.options();
    const error = await failure(HostUnreachable, { ...options, host: "no-such-host.invalid" });
    assert.ok(["ENOTFOUND", "EAI_AGAIN"].includes(String(error.facts.errno)), error.message);
    assert.match(error.message, /no-such-host\.invalid/);
  });

  test("a server that says nothing is given up", { timeout: 20_000 }, async () => {
    await listening(mute, async (port) => {
      const error = await failure(
        HostUnreachable,
        on.options({ server: { port }, connectTimeoutMs: 1000 }),
      );
      assert.equal(error.facts.errno, "ETIMEDOUT");
    });
  });

  test("a server that hangs up at once", { timeout: 20_000 }, async () => {
    await listening(rude, async (port) => {
      const error = await failure(ConnectionFailed, on.options({ server: { port } }));
      assert.match(error.message, /127\.0\.0\.1/);
    });
  });

  test("cancelling ends the attempt", { timeout: 20_000 }, async () => {
    await listening(mute, async (port) => {
      const options = on.options({ server: { port } });
      await failure(Cancelled, options, AbortSignal.timeout(500));
      await failure(Cancelled, options, AbortSignal.abort());
    });
  });

  test("options that could be taken for something else are refused", async () => {
    const transport = on.kind;
    for (const host of ["-oProxyCommand=id", "", "a b", "a;b", "$(id)", "a\nb", "`id`"]) {
      await failure(InvalidArgument, { host, transport });
    }
    await failure(InvalidArgument, { host: "x", user: "-l", transport });
    await failure(InvalidArgument, { host: "x", port: 0, transport });
    await failure(InvalidArgument, { host: "x", knownHostsFiles: ['a"b'], transport });
  });
});

/** Works with a port of this machine, and what becomes of those who connect to it. */
async function listening(
  serve: (socket: Socket) => unknown,
  work: (port: number) => Promise<void>,
): Promise<void> {
  const server = createServer(serve);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  try {
    await work(typeof address === "object" && address ? address.port : 0);
  } finally {
    server.close();
  }
}
