import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import {
  host,
  InvalidArgument,
  InvalidDefinition,
  isPropspec,
  posixProperty,
  preparedFromWire,
  prepareHost,
  propSpec,
  Secret,
  sealDefinitions,
  UnknownDefinition,
  unsealDefinitions,
} from "../../../engine/index.js";
import { note, noted, step } from "../../helpers/steps.js";

const definition = { args: z.tuple([]), apply: async () => "unchanged" as const };
posixProperty("definitions.once", definition);

const any = posixProperty<[value: unknown]>("definitions.any", {
  args: z.tuple([z.unknown()]),
  apply: async () => "unchanged",
});

/** What was thrown at the top level of this module, the only place where these mistakes can be made. */
function thrownBy(work: () => unknown): unknown {
  try {
    work();
    return undefined;
  } catch (error) {
    return error;
  }
}

let twice: unknown;
try {
  posixProperty("definitions.once", definition);
} catch (error) {
  twice = error;
}

test("a property defined twice is refused, and both places are named", () => {
  assert.ok(twice instanceof InvalidDefinition);
  assert.match(twice.message, /defined twice: .*definitions\.spec.*definitions\.spec/);
});

test("a property defined inside a function is refused", () => {
  const nested = thrownBy(() => posixProperty("definitions.inside", definition));
  assert.ok(nested instanceof InvalidDefinition);
  assert.match(nested.message, /inside a function, at .*definitions\.spec\.ts:\d+/);
});

test("nothing can be defined once the consfig has loaded", () => {
  sealDefinitions("the consfig has been loaded");
  try {
    const late = thrownBy(() => posixProperty("definitions.late", definition));
    assert.ok(late instanceof InvalidDefinition);
    assert.match(late.message, /too late.*the consfig has been loaded/);
  } finally {
    unsealDefinitions();
  }
});

test("an id is words joined by dots", () => {
  for (const id of ["", "Upper", "a b", "a..b", "a-b", "-x"]) {
    assert.ok(thrownBy(() => posixProperty(id, definition)) instanceof InvalidDefinition, id);
  }
});

test("calling a property builds frozen plain data that says where it was written", () => {
  const app = step("a");
  assert.ok(Object.isFrozen(app) && Object.isFrozen(app.args));
  assert.ok(isPropspec(app));
  assert.deepEqual(JSON.parse(JSON.stringify(app)), app);
  assert.match(app.at ?? "", /definitions\.spec\.ts:\d+:\d+$/);
});

const cycle: unknown[] = [];
cycle.push(cycle);
const deep = Array.from({ length: 64 }).reduce((inner) => [inner], []);
const refused: [what: string, value: unknown, message: RegExp][] = [
  ["a function", { deep: [() => {}] }, /definitions\.any\[0\]\.deep\[0\] is a function/],
  ["a Secret", new Secret("x"), /an instance of Secret/],
  ["a date", new Date(), /an instance of Date/],
  ["a map", new Map(), /an instance of Map/],
  ["undefined in a list", [undefined], /is undefined/],
  ["a symbol", Symbol("x"), /a symbol/],
  ["a bigint", 1n, /a bigint/],
  ["not a number", Number.NaN, /the number NaN/],
  [
    "an infinity",
    { deep: [-Infinity] },
    /definitions\.any\[0\]\.deep\[0\] is the number -Infinity/,
  ],
  ["half a character", ["a", { b: "\ud800" }], /any\[0\]\[1\]\.b is a text with half a character/],
  ["half a character in a name", { "\udc00": 1 }, /half a character/],
  ["too many members", Object.fromEntries(Array(10_001).entries()), /10001 members/],
  ["what is too deep", deep, /nested deeper than 64/],
  ["a cycle", cycle, /contains itself/],
  ["a prototype", JSON.parse('{"__proto__": 1}'), /__proto__/],
];
for (const [what, value, message] of refused) {
  test(`no argument: ${what}`, () => {
    assert.throws(
      () => any(value),
      (error) => error instanceof InvalidArgument && message.test(error.message),
    );
  });
}

test("an argument of the wrong shape is refused by number, with its place in the consfig", () => {
  // @ts-expect-error that is what is tested
  const error = thrownBy(() => step(7));
  assert.ok(error instanceof InvalidArgument);
  assert.match(error.message, /steps\.step: argument 1: .*string/);
  assert.match(String(error.facts.at), /definitions\.spec\.ts:\d+/);
});

const person = z.strictObject({ name: z.string(), age: z.int().nonnegative().exactOptional() });
const forms = posixProperty<unknown[]>("definitions.forms", {
  args: z.union([
    z.tuple([z.string(), z.union([z.string(), z.number()])]),
    z.tuple([person, z.string()], z.string()),
    z.tuple([z.strictObject({ place: z.string() }), z.string()], z.string()),
  ]),
  apply: async () => "unchanged",
});

// All are told of the form that comes nearest to what was given.
const misunderstood: [what: string, args: unknown[], message: string][] = [
  ["an unknown key", [{ name: "a", agee: 7 }, "x"], 'argument 1: Unrecognized key: "agee"'],
  [
    "an unknown key, and more",
    [{ name: "a", agee: 7 }, "x", 7],
    'argument 3: Invalid input: expected string, received number; argument 1: Unrecognized key: "agee"',
  ],
  ["an unknown key of all forms", [{ nme: "a" }, "x"], 'argument 1: Unrecognized key: "nme"'],
  [
    "a value",
    [{ name: "a", age: -1 }, "x"],
    "argument 1 (age): Too small: expected number to be >=0",
  ],
  [
    "something missing",
    [{ name: "a" }],
    "argument 2: Invalid input: expected string, received undefined",
  ],
  [
    "several ways to go on",
    [{}, "x"],
    "the arguments: argument 1 (name): Invalid input: expected string, received undefined, or argument 1 (place): Invalid input: expected string, received undefined",
  ],
  [
    "one form inside another",
    ["a", {}],
    "argument 2: Invalid input: expected string, received object, or Invalid input: expected number, received object",
  ],
];
for (const [what, args, message] of misunderstood) {
  test(`arguments of several forms: ${what}`, () => {
    const error = thrownBy(() => forms(...args));
    assert.ok(error instanceof InvalidArgument);
    assert.equal(error.message, `definitions.forms: ${message}`);
  });
}

test("a function among a host's properties is refused with a hint", () => {
  // @ts-expect-error that is what is tested
  const error = thrownBy(() => host("web1", step));
  assert.ok(error instanceof InvalidArgument);
  assert.match(error.hint ?? "", /call the property/);
});

test("an unknown id is found when the host is prepared", () => {
  const unknown = { property: "definitions.nowhere", args: [] };
  assert.throws(() => prepareHost(host("web1", unknown)), UnknownDefinition);
});

const reading = propSpec("definitions.reading", "posix", {
  args: z.tuple([]),
  props: (attrs) => attrs.get(note).map((text) => step(text)),
});

test("a prepared host arrives as it was sent", () => {
  const prepared = prepareHost(host("web1", noted("a"), noted("b"), reading(), step("c")));
  const sent = JSON.parse(JSON.stringify(prepared));
  assert.deepEqual(preparedFromWire(sent), prepared);
});

test("what arrives is checked: ids, arguments and shape", () => {
  const sent = () => JSON.parse(JSON.stringify(prepareHost(host("web1", step("a"), reading()))));
  const spoil = (change: (host: ReturnType<typeof sent>) => void) => {
    const spoilt = sent();
    change(spoilt);
    return () => preparedFromWire(spoilt);
  };
  assert.throws(
    spoil((it) => (it.propspec.props[0].property = "definitions.nowhere")),
    UnknownDefinition,
  );
  assert.throws(
    spoil((it) => (it.propspec.combinator = "definitions.once")),
    UnknownDefinition,
  );
  assert.throws(
    spoil((it) => (it.propspec.props[0].args = [7])),
    InvalidArgument,
  );
  assert.throws(
    spoil((it) => (it.propspec.props = "x")),
    InvalidArgument,
  );
  assert.throws(
    spoil((it) => (it.hostattrs.attrs.hostname = 7)),
    InvalidArgument,
  );
  assert.throws(
    spoil((it) => delete it.name),
    InvalidArgument,
  );
  assert.throws(() => preparedFromWire(null), InvalidArgument);
  let deep: unknown = { property: "steps.step", args: ["a"], path: "0" };
  for (let i = 0; i < 100; i++)
    deep = { combinator: "inOrder", args: [], path: "0", props: [deep] };
  assert.throws(() => preparedFromWire({ ...sent(), propspec: deep }), InvalidArgument);
});
