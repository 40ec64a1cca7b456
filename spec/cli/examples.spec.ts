import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Scratch } from "./command.js";

const examples = fileURLToPath(new URL("../../../examples/", import.meta.url));

describe("every example", () => {
  for (const name of readdirSync(examples)) {
    test(`${name} passes consfig check`, async (t) => {
      const scratch = new Scratch(t);
      const { code, stdout, stderr } = await scratch.consfig("check", "-c", `${examples}${name}`);
      assert.deepEqual([code, stderr], [0, ""]);
      assert.match(stdout, /no problems found/);
    });
  }
});
