/** Two commands that deploy one host at the same time. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { until } from "../helpers/processes.js";
import { consfigOf, Scratch } from "./command.js";

test("a host that somebody else deploys is left alone, or waited for", async (t) => {
  const scratch = new Scratch(t);
  const directory = JSON.stringify(scratch.directory);
  scratch.write(
    "consfig.ts",
    consfigOf(`
export const busy = host("busy.locking", { deploy: [local()] },
  cmd.single(script\`: >\${${directory}}/begun; until [ -e \${${directory}}/go ]; do sleep 0.1; done\`));
`),
  );
  const first = scratch.start(["deploy"]);
  await until(() => existsSync(scratch.path("begun")), "the first is at the host");
  const refused = await scratch.consfig("deploy", "--lock-wait", "0");
  assert.equal(refused.code, 5);
  assert.match(refused.stderr, /E_LOCK_HELD.* being deployed by .*process \d+, run \d{8}-/);
  const waiting = scratch.start(["deploy", "--lock-wait", "60", "-v"]);
  await waiting.printed("waiting for the lock of busy.locking");
  scratch.write("go", "");
  assert.deepEqual([(await first.ended).code, (await waiting.ended).code], [0, 0]);
});
