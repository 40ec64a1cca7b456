import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

/** What a test may leave behind by mistake. */
interface Belongings {
  readonly children: readonly string[];
  readonly descriptors: readonly string[];
  readonly files: readonly string[];
}

function belongings(): Belongings {
  const rows = execFileSync("ps", ["-e", "-o", "pid=,ppid=,comm="], { encoding: "utf8" });
  const children = rows
    .split("\n")
    .filter((row) => Number(row.trim().split(/\s+/)[1]) === process.pid && !/ ps$/.test(row))
    .map((row) => row.trim());
  const descriptors = readdirSync("/proc/self/fd").flatMap((number) => {
    try {
      // Which socket it is does not matter, only how many there are.
      return [readlinkSync(`/proc/self/fd/${number}`).replace(/\[\d+\]/, "")];
    } catch {
      return []; // the one that listed the folder
    }
  });
  const files = readdirSync(tmpdir()).filter((name) => name.startsWith("consfig-ssh-"));
  return { children, descriptors: descriptors.sort(), files };
}

/** Remembers what there is; the answer asserts that after at most 3 s there is no more than that. */
export function leakCheck(): () => Promise<void> {
  const before = belongings();
  return async () => {
    let extra = difference(before, belongings());
    for (let tries = 0; extra.length > 0 && tries < 60; tries++) {
      await sleep(50);
      extra = difference(before, belongings());
    }
    assert.deepEqual(extra, [], "nothing is left behind");
  };
}

function difference(before: Belongings, after: Belongings): string[] {
  return (["children", "descriptors", "files"] as const).flatMap((what) => {
    const left = [...before[what]];
    return after[what].filter((one) => {
      const index = left.indexOf(one);
      if (index >= 0) left.splice(index, 1);
      return index < 0;
    });
  });
}
