import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ItemTree, type Node } from "../../cli/render/itemTree.js";
import { similar } from "../../cli/suggest.js";
import type { Item } from "../../engine/index.js";

const item = (path: string, depth: number): Item => ({
  path,
  depth,
  desc: path,
  id: "spec.item",
  silent: false,
});
const changed = { outcome: "changed" } as const;

function words(node: Node | undefined): unknown {
  return node && [node.item.path, ...node.children.map(words)];
}

describe("items put together as they end", () => {
  test("what is inside is kept until the outermost ends", () => {
    const gathering = new ItemTree();
    for (const one of [item("0.1", 0), item("0.1.0", 1)]) gathering.started(one);
    assert.deepEqual(
      gathering.running.map(({ path }) => path),
      ["0.1", "0.1.0"],
    );
    assert.equal(gathering.ended(item("0.1.0", 1), changed, 0), undefined);
    assert.equal(gathering.ended(item("0.1.1", 1), changed, 0), undefined, "never started");
    assert.deepEqual(words(gathering.ended(item("0.1", 0), changed, 0)), [
      "0.1",
      ["0.1.0"],
      ["0.1.1"],
    ]);
  });

  test("items that run at once do not take each other's", () => {
    const gathering = new ItemTree();
    for (const path of ["0.1", "0.2"]) gathering.started(item(path, 0));
    gathering.ended(item("0.1.0", 1), changed, 0);
    gathering.ended(item("0.2.0", 1), changed, 0);
    assert.deepEqual(words(gathering.ended(item("0.2", 0), changed, 0)), ["0.2", ["0.2.0"]]);
    assert.deepEqual(words(gathering.ended(item("0.1", 0), changed, 0)), ["0.1", ["0.1.0"]]);
  });

  test("those of another host are inside the item that deploys it", () => {
    const gathering = new ItemTree();
    gathering.started(item("0.3", 0));
    gathering.started(item("0.30", 0));
    gathering.ended(item("0.3/0.0", 1), changed, 0);
    assert.deepEqual(words(gathering.ended(item("0.30", 0), changed, 0)), ["0.30"]);
    assert.deepEqual(words(gathering.ended(item("0.3", 0), changed, 0)), ["0.3", ["0.3/0.0"]]);
  });
});

test("names that are similar: the nearest, if any is near", () => {
  const known = ["web1.example.com", "web2.example.com", "db1.example.com"];
  assert.deepEqual(similar("wbe1.example.com", known), ["web1.example.com"]);
  assert.deepEqual(similar("web", known), ["web1.example.com", "web2.example.com"]);
  assert.deepEqual(similar("WEB2.example.com", known), ["web2.example.com"]);
  assert.deepEqual(similar("mail", known), []);
  assert.deepEqual(similar("x", []), []);
});
