/** A server that sends single bytes: what is kept of them takes no more memory than they. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { shellWords } from "../../../engine/shell/program.js";
import { openShell } from "../../../engine/shell/session.js";
import { heldBytes } from "../../helpers/memory.js";
import type { LiarOptions } from "./helpers/liar.js";
import { lies } from "./helpers/lies.js";

const mebibyte = 1024 * 1024;
const bytes = 60_000;

lies("a server that drips", ({ kind, lie }) => {
  // Between a server and us, ssh puts the bytes together again.
  if (kind === "system") return;
  for (const stream of ["stdout", "stderr"] as const) {
    test(`what a command prints on ${stream}`, { timeout: 20_000 }, async () => {
      const onExec: LiarOptions["onExec"] = (channel, _id, _protocol, _socket, command) => {
        const shell = spawn("sh", ["-c", command], { stdio: "pipe" });
        channel.pipe(shell.stdin);
        shell.stdin.on("error", () => {});
        void drip(shell.stdout, channel);
        void drip(shell.stderr, channel.stderr);
        void once(shell, "close").then(([code]) => {
          channel.exit(Number(code));
          channel.end();
        });
      };
      await lie({ onExec }, async (connect) => {
        const opened = await (await connect()).open(String(shellWords[2]));
        const session = await openShell(opened, { description: kind });
        const before = heldBytes();
        const target = stream === "stdout" ? 1 : 2;
        let came = 0;
        let held = 0;
        const result = await session.execText(`head -c ${bytes} /dev/zero >&${target}`, {
          looks: true,
          onOutput: (_stream, piece) => {
            came += piece.length;
            if (came === bytes) held = heldBytes() - before;
          },
        });
        assert.equal(result[stream].length, bytes);
        assert.ok(held < 5 * mebibyte, `${(held / mebibyte).toFixed(1)} MiB are held`);
        await session.close();
      });
    });
  }
});

/** Passes on what comes, byte by byte. */
async function drip(
  from: AsyncIterable<Buffer>,
  to: { write(bytes: Buffer): boolean; once(event: "drain", call: () => void): unknown },
): Promise<void> {
  for await (const chunk of from) {
    for (let at = 0; at < chunk.length; at++) {
      if (to.write(chunk.subarray(at, at + 1))) continue;
      await new Promise<void>((resolve) => to.once("drain", resolve));
    }
    await turn();
  }
}
