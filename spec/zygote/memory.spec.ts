/** A form that takes more memory than there is. */
import assert from "node:assert/strict";
import { z } from "zod";
import { evalInGrandchild, form } from "../../zygote/index.js";
import { scenario } from "./scenario.js";

const swallow = form("memory.swallow", {
  args: z.tuple([]),
  evaluate: () => {
    const kept: string[][] = [];
    for (;;) kept.push(Array.from({ length: 100_000 }, (_, i) => `${kept.length} ${i}`));
  },
});
const echo = form("memory.echo", { args: z.tuple([z.number()]), evaluate: (value) => value });

await scenario(
  import.meta.url,
  ["forked"],
  {
    "out of memory": async () => {
      const outcome = await evalInGrandchild(null, swallow());
      assert.deepEqual([outcome.ended, outcome.signal], ["signalled", "SIGABRT"]);
      assert.match(outcome.stderr, /heap out of memory/);
      assert.equal((await evalInGrandchild(null, echo(1))).value, 1);
    },
  },
  { nodeOptions: ["--max-old-space-size=64"] },
);
