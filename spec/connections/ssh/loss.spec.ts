import assert from "node:assert/strict";
import { text } from "node:stream/consumers";
import { finished } from "node:stream/promises";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openSsh } from "../../../connections/ssh/openSsh.js";
import { ConnectionLost, isError } from "../../../engine/base/errors.js";
import type { ByteStream } from "../../../engine/model/byteStream.js";
import { killIfThere } from "../../helpers/processes.js";
import { bothTransports } from "./helpers/bothTransports.js";

bothTransports("loss of contact", (on) => {
  test("a connection that dies is told to every stream", { timeout: 20_000 }, async () => {
    const streams = await Promise.all([
      on.transport.open(on.lab.sleep),
      on.transport.open(`echo before; ${on.lab.sleep}`),
      on.transport.open("yes"), // nobody reads it
    ]);
    await sleep(300);
    for (const pid of on.server.connections()) killIfThere(pid);
    const ends = await Promise.all(streams.map((stream: ByteStream) => stream.ended));
    for (const end of ends) assert.ok(isError(end.error, ConnectionLost), String(end.error));
    assert.equal(ends[0]?.error?.facts.host, "lab");
    assert.match(ends[0]?.error?.hint ?? "", /deploy again/);
    // What had arrived is delivered, and the end of it is seen.
    assert.equal(await text((streams[1] as ByteStream).stdout), "before\n");
    (streams[2] as ByteStream).stdout.resume();
    await finished((streams[2] as ByteStream).stdout, { error: false });
    await assert.rejects(on.transport.open("true"), (error) => isError(error, ConnectionLost));
  });

  test("a host that falls silent is lost", { timeout: 30_000 }, async () => {
    const settings = ["ServerAliveInterval 1", "ServerAliveCountMax 2"];
    const options = on.options({ settings });
    await on.transport.close();
    on.transport = await openSsh(options);
    const stream = await on.transport.open("cat");
    const frozen = on.server.connections();
    for (const pid of frozen) process.kill(pid, "SIGSTOP");
    try {
      const { error } = await stream.ended;
      assert.ok(isError(error, ConnectionLost), String(error));
    } finally {
      for (const pid of frozen) killIfThere(pid);
    }
  });

  test("an idle connection that dies is known by the next use", { timeout: 20_000 }, async () => {
    for (const pid of on.server.connections()) killIfThere(pid);
    await sleep(500);
    await assert.rejects(on.transport.open("true"), (error) => isError(error, ConnectionLost));
  });
});
