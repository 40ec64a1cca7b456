/** What runs the specs notices what it is there to notice. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Lane } from "./lane.js";
import type { SpecResult } from "./messages.js";
import { optionsOf } from "./options.js";
import { chosenSpecs, numbers, shuffled } from "./order.js";
import { shares, spent } from "./shares.js";
import { notAllowed } from "./skips.js";

describe("a lane", () => {
  let lane: Lane;
  before(() => {
    lane = new Lane(process.env, "own");
  });
  after(() => lane.close());

  test("counts what passed, failed and was skipped, with the reasons", async () => {
    const result = await lane.run("runner/fixtures/mixed.fixture.ts");
    const withBed = Lane.isolated ? 1 : 0;
    assert.deepEqual([result.passed, result.failed], [1 + withBed, 1], result.text);
    assert.match(result.text, /as it should/);
    const reasons = result.skipped.map(({ name, reason }) => `${name}: ${reason}`);
    const expected = ["is skipped: no leave", "a suite that is skipped: all of it"];
    for (const one of expected) assert.ok(reasons.includes(one), String(reasons));
    assert.equal(notAllowed([result]).filter((line) => /no leave|all of it/.test(line)).length, 2);
  });

  test("counts suites that fail by themselves, and what is still to be done as skipped", async () => {
    const result = await lane.run("runner/fixtures/troubled.fixture.ts");
    assert.deepEqual([result.passed, result.failed], [1, 2], result.text);
    assert.deepEqual(
      result.skipped.map(({ name }) => name),
      ["is still to be done"],
    );
  });

  test("counts a spec without a test as failed", async () => {
    const { passed, failed, text } = await lane.run("runner/fixtures/empty.fixture.ts");
    assert.deepEqual([passed, failed], [0, 1], text);
    assert.match(text, /no test was run/);
  });

  test("counts a spec as failed that ends the lane", async () => {
    const other = new Lane(process.env, "own");
    try {
      const { passed, failed, text } = await other.run("runner/fixtures/fatal.fixture.ts");
      assert.deepEqual([passed, failed], [0, 1], text);
      assert.ok(other.hasEnded);
    } finally {
      await other.close();
    }
  });

  test("tells of a spec that leaves a process", async () => {
    const { passed, failed, text } = await lane.run("runner/fixtures/leaving.fixture.ts");
    assert.deepEqual([passed, failed], [1, 1], text);
    assert.match(text, /leaves something behind:\s+process \d+ sleep 12/);
  });
});

test("a seed decides the order, and two seeds decide differently", () => {
  const list = Array.from({ length: 50 }, (_, i) => i);
  assert.deepEqual(shuffled(list, 7), shuffled(list, 7));
  assert.notDeepEqual(shuffled(list, 7), shuffled(list, 8));
  assert.deepEqual(
    shuffled(list, 7).toSorted((a, b) => a - b),
    list,
  );
  const draw = numbers(3);
  const drawn = Array.from({ length: 1000 }, draw);
  assert.ok(drawn.every((one) => one >= 0 && one < 1));
  assert.ok(new Set(drawn).size > 990);
});

test("a word that no spec has in its path is refused", () => {
  assert.deepEqual(chosenSpecs(["runner/runner"]), ["runner/runner.spec.ts"]);
  assert.throws(() => chosenSpecs(["runner/", "runer/"]), /no spec matches runer\/$/);
});

test("options that are none are refused with the usage", () => {
  for (const words of [
    ["--seed"],
    ["--seed", "x"],
    ["--seed", "-1"],
    ["--lanes", "0"],
    ["--all"],
  ]) {
    assert.throws(() => optionsOf(words), /usage: npm test/, words.join(" "));
  }
  const { words, seed, verbose } = optionsOf(["shell", "--seed", "7", "--verbose"]);
  assert.deepEqual([words, seed, verbose], [["shell"], 7, true]);
});

test("each spec counts for its subject, and the first has what no other one claims", () => {
  const of = (spec: string, ms: number): SpecResult => {
    return { spec, ms, passed: 1, failed: 0, skipped: [], cpuMs: 0, text: "" };
  };
  const claimed = shares.find(({ specs }) => specs.length > 0);
  const [start = ""] = claimed?.specs ?? [];
  const results = [of("zygote/a.spec.ts", 60_000), of(`${start}b.spec.ts`, 120_000)];
  assert.deepEqual(
    spent(results, 2).map(({ subject, minutes }) => [subject, minutes]),
    [
      [shares[0]?.subject, 0.5],
      [claimed?.subject, 1],
    ],
  );
});
