/** Messages come in the phase that has a place for them; anything else is refused with the one error. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import type { Wire } from "../../core/index.js";
import { FrameRejected } from "../../zygote/errors.js";
import { inPhases } from "../../zygote/phases.js";

const message = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("request"), n: z.int() }),
  z.strictObject({ kind: z.literal("answer"), n: z.int() }),
]);

function conversation() {
  const taken: string[] = [];
  const take = inPhases(message, [{ endsWith: ["request"] }, { takes: ["answer"] }], {
    request: ({ n }) => taken.push(`request ${n}`),
    answer: ({ n }) => taken.push(`answer ${n}`),
  });
  return { taken, take };
}
const request = (n: number) => ({ kind: "request", n });
const answer = (n: number) => ({ kind: "answer", n });

test("one request, then any number of answers", () => {
  const { taken, take } = conversation();
  for (const one of [request(1), answer(2), answer(3)]) take(one);
  assert.deepEqual(taken, ["request 1", "answer 2", "answer 3"]);
});

const wrong: Readonly<Record<string, readonly Wire[]>> = {
  "an answer before the request": [answer(1)],
  "a second request": [request(1), request(2)],
  "an unknown kind": [{ kind: "hello" }],
  "a member too many": [{ ...request(1), m: 1 }],
  "no kind at all": [1],
};
for (const [what, frames] of Object.entries(wrong)) {
  test(`refused: ${what}`, () => {
    const { taken, take } = conversation();
    const last = frames.at(-1) ?? null;
    for (const one of frames.slice(0, -1)) take(one);
    assert.throws(() => take(last), FrameRejected);
    assert.equal(taken.length, frames.length - 1);
  });
}
