/** Errors keep their class, their facts and their identity from one thread to another. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CommandFailed,
  ConnectionFailed,
  ConsfigError,
  HostUnreachable,
  isError,
} from "../../../engine/base/errors.js";
import { ThreadCodec } from "../../../engine/fleet/threadCodec.js";

/** What the other thread gets of the message. */
function crossed<M extends object>(
  message: M,
  from = new ThreadCodec(),
  to = new ThreadCodec(),
): M {
  return to.unpack<M>(structuredClone(from.pack(message)));
}

test("an error is of its class, with its facts and what it comes from", () => {
  const cause = new RangeError("too far");
  const facts = { host: "h", attempts: 3, hint: "look", list: ["a"] };
  const { error } = crossed({ error: new HostUnreachable("nobody answers", facts, { cause }) });
  assert.ok(error instanceof ConsfigError);
  const classes = [HostUnreachable, ConnectionFailed, CommandFailed];
  assert.deepEqual(
    classes.map((one) => isError(error, one)),
    [true, true, false],
  );
  assert.deepEqual(
    [error.message, error.code, { ...error.facts }],
    ["nobody answers", HostUnreachable.code, facts],
  );
  assert.match(String((error.cause as Error).stack), /^RangeError: too far\n/);
});

test("the same error is the same one wherever it is told", () => {
  const [from, to] = [new ThreadCodec(), new ThreadCodec()];
  const [one, other] = [new CommandFailed("a"), new CommandFailed("a")];
  const first = crossed({ list: [{ error: one }, { error: one }, { error: other }] }, from, to);
  const later = crossed({ deep: { error: one } }, from, to);
  assert.equal(first.list[0]?.error, first.list[1]?.error);
  assert.equal(first.list[0]?.error, later.deep.error);
  assert.notEqual(first.list[0]?.error, first.list[2]?.error);
});

test("all else is as it was", () => {
  const message = {
    nothing: null,
    text: "x\u0000\u001b",
    list: [1, [true], { a: undefined }],
    bytes: new Uint8Array([0, 255]),
  };
  assert.deepEqual(crossed(message), message);
  const plain = crossed({ error: new TypeError("not ours") }).error;
  assert.ok(plain instanceof TypeError);
  assert.equal(plain.message, "not ours");
});
