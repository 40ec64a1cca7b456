/** An executable that is started with a request takes that one, and nothing after it. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Duplex } from "node:stream";
import { after, before, test } from "node:test";
import { dumpExecutable } from "../../engine/executable/dump.js";
import { bundle } from "../../engine/modules/bundle.js";
import { setModules } from "../../engine/modules/requirements.js";
import { encodeFrame } from "../../zygote/frames.js";
import { readReply } from "../../zygote/reply.js";

const consfig = `
import { form, host } from "consfigurator";
import { z } from "zod";
export const waits = form("request.waits", { args: z.tuple([]), evaluate: () => new Promise((done) => setTimeout(done, 60_000)) });
export const returns = form("request.returns", { args: z.tuple([]), evaluate: () => "evaluated" });
export const it = host("it");
`;
const directory = mkdtempSync(path.join(tmpdir(), "request-"));
const executable = path.join(directory, "executable");

before(async () => {
  const file = path.join(directory, "consfig.ts");
  writeFileSync(file, consfig);
  const set = await bundle(file, path.join(directory, "cache"));
  setModules(async () => set);
  await dumpExecutable(executable, { prerequest: null, request: null }, 0o700);
});
after(() => rmSync(directory, { recursive: true, force: true }));

async function replyTo(messages: readonly object[]) {
  const child = spawn(executable, [], { stdio: ["ignore", "ignore", "ignore", "pipe"] });
  const conversation = child.stdio[3] as Duplex;
  conversation.write(Buffer.concat(messages.map(encodeFrame)));
  return readReply(conversation, conversation, {});
}
const request = (form: string) => ({ kind: "request", form: { form, args: [] } });

test("one request", async () => {
  const reply = await replyTo([request("request.returns")]);
  assert.deepEqual(reply, { kind: "returned", value: "evaluated" });
});

test("a second request, an answer, and a message of no kind are refused", async () => {
  for (const messages of [
    [request("request.waits"), request("request.returns")],
    [{ kind: "answer", id: 1, value: 1 }],
    [{ kind: "hello" }],
  ]) {
    const reply = await replyTo(messages);
    assert.equal(reply?.kind === "threw" && reply.error.code, "E_FRAME");
  }
});
