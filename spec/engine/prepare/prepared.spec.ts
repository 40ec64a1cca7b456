/** Whatever a propapp was made by, its arguments have been checked when its host is prepared. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import {
  host,
  InvalidArgument,
  inOrder,
  isError,
  type Propspec,
  posixProperty,
  preparedFromWire,
  prepareHost,
} from "../../../engine/index.js";
import type { Prepared } from "../../../engine/model/prepared.js";
import { decodePayload, encodeFrame } from "../../../zygote/frames.js";
import { steps } from "../../helpers/steps.js";

const options = z.strictObject({ name: z.string().min(2), times: z.int().default(1) });
type Options = { name: string; times?: number };
const told = posixProperty<[options: Options]>("prepared.told", {
  args: z.tuple([options]),
  apply: async () => "changed",
});
const rewritten = posixProperty<[text: string]>("prepared.rewritten", {
  args: z.tuple([z.string().max(4)]),
  preprocess: (text) => [`${text}${text}`],
  apply: async () => "changed",
});
const holds = posixProperty<[value: unknown]>("prepared.holds", {
  args: z.tuple([z.unknown()]),
  apply: async () => "unchanged",
});
const applies = posixProperty<[args: string]>("prepared.applies", {
  args: z.tuple([z.string()]),
  apply: (on, args) =>
    on.apply({ property: "prepared.told", args: JSON.parse(args) } as unknown as Propspec<"posix">),
});

const byHand = (...args: readonly unknown[]) =>
  ({ property: "prepared.told", args }) as unknown as Propspec<"posix">;

function first(prop: Propspec): Prepared | undefined {
  const { propspec } = prepareHost(host("x.example", prop));
  return "props" in propspec ? propspec.props[0] : undefined;
}

test("one that is made by hand, copied or has travelled is as good as one that was called for", () => {
  const called = told({ name: "ab" });
  const { at: _, ...expected } = first(called) ?? assert.fail();
  assert.deepEqual(expected.args, [{ name: "ab", times: 1 }]);
  for (const other of [byHand({ name: "ab" }), { ...called }, JSON.parse(JSON.stringify(called))]) {
    const { at: __, ...found } = first(other) ?? assert.fail();
    assert.deepEqual(found, expected);
  }
});

test("one with wrong arguments is refused before anything is contacted", () => {
  const called = told({ name: "ab" });
  const wrong = [
    byHand(),
    byHand({ name: "a" }),
    byHand({ name: "ab", more: 1 }),
    byHand({ name: "ab" }, 2),
    byHand({ name: "ab", times: () => 1 }),
    { ...called, args: [{ name: 1 }] },
    inOrder({ ...called, args: [] }),
  ];
  for (const prop of wrong) {
    assert.throws(
      () => first(prop as Propspec),
      (error) => isError(error, InvalidArgument),
    );
  }
});

test("what has been checked cannot be changed afterwards", () => {
  const given = { name: "ab" };
  const called = told(given);
  given.name = "a";
  const [args] = called.args as unknown as [{ name: string }];
  assert.throws(() => {
    args.name = "a";
  }, TypeError);
  assert.throws(() => Object.assign(called, { args: [] }), TypeError);
  assert.throws(() => (called.args as unknown[]).push(1), TypeError);
  assert.deepEqual(first(called)?.args, [{ name: "ab", times: 1 }]);
});

test("what preprocessing makes of checked arguments is checked too", () => {
  assert.deepEqual(first(rewritten("ab"))?.args, ["abab"]);
  assert.throws(() => first(rewritten("abc")), InvalidArgument);
});

test("what may be nested at all fits into a message, also around an argument as deep as one may be", () => {
  const nested = (times: number, inner: Propspec): Propspec =>
    times === 0 ? inner : nested(times - 1, inOrder(inner));
  const deep = Array.from({ length: 62 }).reduce<unknown>((inner) => [inner], "x");
  const prepared = prepareHost(host("x.example", nested(63, holds(deep))));
  const given = decodePayload(encodeFrame({ form: { args: [{ host: prepared }] } }).subarray(4));
  const [{ host: arrived }] = (given as { form: { args: [{ host: unknown }] } }).form.args;
  assert.deepEqual(preparedFromWire(arrived), prepared);
  assert.throws(
    () => prepareHost(host("x.example", nested(64, holds(1)))),
    (error) => isError(error, InvalidArgument) && /more than 64 deep/.test(error.message),
  );
});

test("one that is applied by another is checked there", async () => {
  const { report } = await steps(applies('[{"name":"ab"}]'));
  assert.equal(report.counts.changed, 1);
  for (const args of ["[]", '[{"name":1}]']) {
    const { report: refused } = await steps(applies(args));
    assert.ok(isError(refused.failures[0]?.error, InvalidArgument), args);
  }
});
