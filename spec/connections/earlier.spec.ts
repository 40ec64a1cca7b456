/** What an earlier run has done is known in processes of their own too. */
import assert from "node:assert/strict";
import { local } from "../../connections/local/index.js";
import { setuid } from "../../connections/setuid/index.js";
import { deploysThese, host, onChange, over, reapplied, unapplied } from "../../engine/index.js";
import { checked, step, stepsAfter } from "../helpers/steps.js";
import { needsUid0, scenario } from "../zygote/scenario.js";

const inner = host("inner.example");
/** A grandchild enters it. */
const elsewhere = [setuid("root")] as const;

await scenario(
  import.meta.url,
  ["forked"],
  {
    "what was done is not done twice, and what was to follow follows": async () => {
      const props = [
        deploysThese(
          elsewhere,
          inner,
          step("a"),
          step("b"),
          onChange(checked("c", true), step("f")),
        ),
        over([...elsewhere], step("d"), step("e")),
        onChange(deploysThese([local(), ...elsewhere], inner, checked("g", true)), step("h")),
        over(
          [...elsewhere],
          unapplied(onChange(checked("i", false), step("j"))),
          reapplied(step("k")),
        ),
      ];
      const ended = {
        "0.0/0.0": "changed",
        "0.0/0.2.0": "changed",
        "0.1/0.1.1": "unchanged",
        "0.2.0/0.0": "changed",
        "0.3/0.3.0.0.0-": "changed",
      } as const;
      const { lines, report } = await stepsAfter({ ended, interrupted: false }, ...props);
      assert.deepEqual(report.failures, []);
      assert.deepEqual(
        lines.filter((line) => !line.includes("over")),
        [
          "a unchanged",
          "b changed",
          "c unchanged",
          "f changed",
          "d changed",
          "e unchanged",
          "g unchanged",
          "h changed",
          "i unchanged",
          "j changed",
          "not: i; j changed",
          "k changed",
          "k changed",
          "again: k changed",
        ],
      );
    },
  },
  { unavailable: needsUid0 },
);
