/** `consfig resume` of runs whose journals other versions have written, or something else has. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { Journal } from "../../engine/journal/journal.js";
import { ownState } from "../engine/journal/fixture.js";
import { until } from "../helpers/processes.js";
import { consfigOf, Scratch } from "./command.js";

type Test = { after(end: () => void): void };

/** A consfig, and the journal of a run of it that did nothing, with these options of its command. */
async function withRun(t: Test, options: Record<string, unknown>, name = "deploy") {
  const scratch = new Scratch(t);
  const directory = JSON.stringify(scratch.directory);
  const consfig = scratch.write(
    "consfig.ts",
    consfigOf(`
export const old = host("old.resuming", { deploy: [local()] },
  cmd.single(script\`: >\${${directory}}/begun; until [ -e \${${directory}}/go ]; do sleep 0.1; done\`));
`),
  );
  const XDG_STATE_HOME = ownState(t);
  const hosts = [{ host: "old.resuming", chain: "local", tags: [], plan: "another" }];
  const command = { name, words: [], options };
  const journal = await Journal.begin({ consfig, command, hosts });
  await journal.end(3);
  const start = (...words: readonly string[]) => scratch.start(words, { XDG_STATE_HOME });
  return { scratch, start, run: journal.run };
}

const asked = { parallel: "auto", each: { acceptNewHostKey: false, retries: 0 }, only: [] };

for (const [what, options] of [
  ["how long to wait for a lock", asked],
  ["everything", {}],
] as const) {
  test(`a record that lacks ${what}: it is as if nobody had asked for it`, async (t) => {
    const { scratch, start, run } = await withRun(t, options);
    const first = start("deploy");
    await until(() => existsSync(scratch.path("begun")), "the first is at the host");
    const { child, ended } = start("resume", run);
    const late = setTimeout(() => child.kill("SIGTERM"), 15_000);
    const { code, stderr } = await ended;
    clearTimeout(late);
    scratch.write("go", "");
    assert.deepEqual([(await first.ended).code, code], [0, 5], stderr);
    assert.match(stderr, /E_LOCK_HELD/);
  });
}

for (const [options, what] of [
  [{ lockWaitMs: "5" }, "lockWaitMs"],
  [{ each: { retries: null } }, "each.retries"],
  [{ parallel: 0 }, "parallel"],
  [{ faster: true }, "faster"],
] as const) {
  test(`a record that no command line can have made: ${what}`, async (t) => {
    const { start, run } = await withRun(t, options);
    const { code, stderr } = await start("resume", run).ended;
    assert.equal(code, 1, stderr);
    assert.match(stderr, /^E_JOURNAL_DAMAGED {2}/m);
    assert.ok(stderr.includes(run) && stderr.includes(what), stderr);
  });
}

test("a record of a command that there is not", async (t) => {
  const { start, run } = await withRun(t, {}, "enchant");
  const { code, stderr } = await start("resume", run).ended;
  assert.equal(code, 1, stderr);
  assert.match(stderr, /^E_JOURNAL_DAMAGED {2}/m);
  assert.ok(stderr.includes("enchant"), stderr);
});
