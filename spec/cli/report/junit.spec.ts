import assert from "node:assert/strict";
import { test } from "node:test";
import { junitReport } from "../../../cli/report/junit.js";
import { hostile, sampleRun } from "./sample.js";
import { allOf, type Element, named, parseXml } from "./xml.js";

/** What the schema that CI systems commonly check against allows. */
const whole = /^\d+$/;
const time = /^\d+\.\d{3}$/;
const any = /^/;
const trouble = { needs: [], may: { message: any, type: any }, holds: [] };
const schema: Readonly<
  Record<
    string,
    { needs: readonly string[]; may: Readonly<Record<string, RegExp>>; holds: readonly string[] }
  >
> = {
  testsuites: {
    needs: [],
    may: { name: any, time, tests: whole, failures: whole, errors: whole, disabled: whole },
    holds: ["testsuite"],
  },
  testsuite: {
    needs: ["name", "tests"],
    may: {
      name: any,
      tests: whole,
      failures: whole,
      errors: whole,
      skipped: whole,
      time,
      timestamp: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/,
      hostname: any,
    },
    holds: ["testcase"],
  },
  testcase: {
    needs: ["name", "classname"],
    may: { name: any, classname: any, time },
    holds: ["failure", "error", "skipped"],
  },
  failure: trouble,
  error: trouble,
  skipped: trouble,
};

function assertValid(root: Element): void {
  assert.equal(root.name, "testsuites");
  for (const { name, attributes, children } of allOf(root)) {
    const rules = schema[name];
    assert.ok(rules, name);
    for (const needed of rules.needs) assert.ok(needed in attributes, `${name} ${needed}`);
    for (const [key, value] of Object.entries(attributes)) {
      assert.match(value, rules.may[key] ?? /^no such attribute$/, `${name} ${key}`);
    }
    for (const child of children) assert.ok(rules.holds.includes(child.name), child.name);
    if (name === "testcase") assert.ok(children.length <= 1);
  }
}

function reportOf(text: string): Element {
  return parseXml([...junitReport(sampleRun(text))].join(""));
}

test("it is as the schema says, and its numbers are right", () => {
  const root = reportOf("");
  assertValid(root);
  const suites = named(root, "testsuite");
  for (const suite of suites) {
    assert.equal(suite.attributes.tests, String(suite.children.length));
    for (const [key, name] of [
      ["failures", "failure"],
      ["errors", "error"],
      ["skipped", "skipped"],
    ] as const) {
      assert.equal(suite.attributes[key], String(named(suite, name).length));
    }
  }
  assert.deepEqual(
    [root.attributes.tests, root.attributes.failures, root.attributes.errors, root.attributes.time],
    ["12", "1", "3", "12.000"],
  );
  assert.equal(suites[0]?.attributes.timestamp, "2026-11-21T19:33:00");
});

test("every host is a suite, every property of its own a case", () => {
  const lines = named(reportOf(""), "testcase").map(
    ({ attributes: { classname, name, time }, children }) =>
      [
        classname,
        name,
        time,
        ...children.map((one) => `${one.name}: ${one.attributes.message}`),
      ].join(" | "),
  );
  assert.deepEqual(lines, [
    "changed | curl installed  | 1.500",
    "changed | a chroot  | 0.020",
    "unchanged | curl installed  | 0.100",
    "failed | curl installed  | 0.005",
    "failed | a chroot  | 0.060 | failure: it failed: ",
    "failed | curl installed  | 0.000 | skipped: not reached",
    "unreachable | curl installed  | 0.000 | skipped: not reached",
    "unreachable | deployed to the end | 0.000 | error: it failed: ",
    "cancelled | deployed to the end | 0.000 | error: it failed: ",
    "unfinished | curl installed  | 0.005",
    "unfinished | deployed to the end | 0.000 | error: nothing tells how it ended",
    "not | deployed to the end | 0.000 | skipped: not begun",
  ]);
});

test("whatever somebody else says is text", () => {
  const root = reportOf(hostile);
  assertValid(root);
  // XML has no way to say these.
  const said = [...hostile].filter((one) => !"\0\u001b\ufffe\ud800".includes(one)).join("");
  const [failure] = named(root, "failure");
  assert.equal(failure?.attributes.message, `it failed: ${said}`);
  assert.ok(failure?.text.includes(said));
  assert.equal(named(root, "testsuite")[0]?.attributes.name, `changed${said}`);
});
