/** Each line on which safety depends is watched by a spec: with the line broken, that spec fails. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { sampled } from "../helpers/seed.js";
import { testbedUnavailable } from "../testbed/machine.js";
import { BrokenCopy } from "./brokenCopy.js";
import { type Mutant, mutants, type SpecPart } from "./mutants.js";

describe("a spec fails where", { skip: testbedUnavailable() ?? false }, () => {
  let copy: BrokenCopy;
  before(() => {
    copy = new BrokenCopy();
  });

  /** What passes is looked at once, however much in it is broken then. */
  const passing = new Set<string>();
  async function assertPasses(part: SpecPart): Promise<void> {
    const { spec, pattern, whole } = part;
    const name = JSON.stringify([spec, pattern, whole]);
    if (passing.has(name)) return;
    const { passed, failed, text } = await copy.run(part);
    assert.ok(passed > 0 && failed === 0, `${spec} does not pass by itself:\n${text}`);
    passing.add(name);
  }

  async function assertNoticed(mutant: Mutant): Promise<void> {
    await assertPasses(mutant);
    const { failed, text } = await copy.runBroken(mutant);
    assert.ok(failed > 0, `${mutant.spec} does not notice it:\n${text}`);
    // The spec was there, and its test began: nothing but what it asserts has failed.
    assert.match(text, /failureType: '(testCodeFailure|testTimeoutFailure)'/);
  }

  for (const mutant of sampled(mutants, "mutants")) {
    test(mutant.what, { timeout: 900_000 }, () => assertNoticed(mutant));
  }
});
