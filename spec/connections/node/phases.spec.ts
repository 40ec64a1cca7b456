/** A Node image takes one request, and after it only what concerns it. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { after, before, describe, test } from "node:test";
import { moduleRequirements } from "../../../engine/modules/requirements.js";
import { continueDeployProgram } from "../../../engine/remote/image/boot.js";
import { requestModules } from "../../../engine/remote/image/requestModules.js";
import { encodeFrame } from "../../../zygote/frames.js";
import { readReply } from "../../../zygote/reply.js";
import { testbedUnavailable } from "../../testbed/index.js";
import { Place } from "./place.js";

const consfig = `
import { form, host } from "consfigurator";
import { z } from "zod";
export const waits = form("phases.waits", { args: z.tuple([]), evaluate: () => new Promise(() => {}) });
export const returns = form("phases.returns", { args: z.tuple([]), evaluate: () => "evaluated" });
export const it = host("it");
`;

const request = (form: string) => ({ kind: "request", form: { form, args: [] } });
const cases: Readonly<Record<string, readonly object[]>> = {
  "a second request": [request("phases.waits"), request("phases.returns")],
  "an answer before it": [{ kind: "answer", id: 1, value: 1 }, request("phases.returns")],
  "to be cancelled before it": [{ kind: "cancel" }, request("phases.returns")],
  "a message of no kind": [{ kind: "hello" }],
};

describe("what an image is told", { skip: testbedUnavailable() ?? false }, () => {
  let place: Place;
  before(async () => {
    place = await Place.open();
    await place.load(consfig);
  });
  after(() => place?.close());

  const replyTo = async (messages: readonly object[]) => {
    const requirements = await moduleRequirements();
    const { words, firstLine } = continueDeployProgram(requirements);
    const { stdin, stdout } = spawn(process.execPath, words, {
      env: { HOME: place.directory, UV_USE_IO_URING: "0" },
      stdio: ["pipe", "pipe", "ignore"],
    });
    stdin.write(`${firstLine}\n`);
    await requestModules({ stdin, stdout }, requirements, "an image");
    stdin.write(Buffer.concat(messages.map(encodeFrame)));
    return readReply(stdout, stdin, {});
  };

  test("one request", async () => {
    const reply = await replyTo([request("phases.returns")]);
    assert.deepEqual(reply, { kind: "returned", exitCode: 0, value: "evaluated" });
  });

  for (const [what, messages] of Object.entries(cases)) {
    test(`refused: ${what}`, async () => {
      const reply = await replyTo(messages);
      assert.equal(reply?.kind === "threw" && reply.error.code, "E_FRAME");
    });
  }
});
