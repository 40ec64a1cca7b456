/** The modules that Node images are made of, as a program says them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { moduleRequirements, setModules } from "../../../engine/modules/requirements.js";

test("are made once, and again when that has failed", async () => {
  let made = 0;
  const set = { id: "x", loader: "x", files: [], places: {}, shared: [] };
  setModules(async () => {
    if (++made === 1) throw new Error("no room");
    return set;
  });
  const first = [moduleRequirements(), moduleRequirements()];
  for (const one of first) await assert.rejects(one, /no room/);
  assert.equal(made, 1, "for all who have asked meanwhile");
  assert.equal(await moduleRequirements(), set);
  assert.equal(await moduleRequirements(), set);
  assert.equal(made, 2);
});
