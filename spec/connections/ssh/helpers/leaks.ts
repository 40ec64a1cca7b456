import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { added, descriptors } from "../../../helpers/belongings.js";
import { processes } from "../../../helpers/processes.js";

const children = () => processes().filter(({ parent }) => parent === process.pid);

/** What a test may leave behind by mistake. */
function belongings(): string[] {
  const files = readdirSync(tmpdir()).filter((name) => name.startsWith("consfig-ssh-"));
  return [
    // Without its command: sshd gives itself another one when it has started.
    ...children().map(({ pid }) => `process ${pid}`),
    ...descriptors().map((target) => `descriptor ${target}`),
    ...files.map((name) => `temporary name ${name}`),
  ];
}

/** Remembers what there is; the answer asserts that after at most 3 s there is no more than that. */
export function leakCheck(): () => Promise<void> {
  const before = belongings();
  return async () => {
    const extra = () => added(before, belongings());
    for (let tries = 0; extra().length > 0 && tries < 60; tries++) await sleep(50);
    if (extra().length > 0) console.error(children());
    assert.deepEqual(extra(), [], "nothing is left behind");
  };
}
