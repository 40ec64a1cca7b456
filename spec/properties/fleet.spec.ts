import assert from "node:assert/strict";
import { test } from "node:test";
import { host, InvalidArgument, limitsAttr, prepareHost, tagsOf } from "../../engine/index.js";
import { Hostattrs } from "../../engine/model/hostattrs.js";
import * as fleet from "../../properties/fleet/index.js";

test("tags and limits are said of the host, each once", () => {
  const prepared = prepareHost(
    host(
      "web1",
      fleet.tagged("web", "eu-1"),
      fleet.tagged("web", "a_b"),
      fleet.limit({ bastion: 10, rack1: 1 }),
    ),
  );
  assert.deepEqual(tagsOf(prepared).toSorted(), ["a_b", "eu-1", "web"]);
  const limits = new Hostattrs(prepared.hostattrs).get(limitsAttr);
  assert.deepEqual(limits, [
    ["bastion", 10],
    ["rack1", 1],
  ]);
});

test("what can be no tag or no limit is refused", () => {
  for (const tag of ["", "a b", "@web", "a/b", "a.b"]) {
    assert.throws(() => prepareHost(host("web1", fleet.tagged(tag))), InvalidArgument);
  }
  for (const limits of [{}, { rack: 0 }, { rack: 1.5 }, { "a b": 1 }]) {
    assert.throws(() => prepareHost(host("web1", fleet.limit(limits))), InvalidArgument);
  }
});
