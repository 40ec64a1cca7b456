/** The runner of property cases notices what it is there to notice. */
import assert from "node:assert/strict";
import { chmodSync, utimesSync } from "node:fs";
import { after, before, test } from "node:test";
import { z } from "zod";
import {
  CommandFailed,
  FailedChange,
  inOrder,
  type Outcome,
  posixProperty,
  sh,
} from "../../engine/index.js";
import * as cmd from "../../properties/cmd/index.js";
import { existsWithContent, hasContent } from "../../properties/file/index.js";
import { type Place, places } from "./places.js";
import { type PropertyCase, runCase } from "./propertyCases.js";

const [local] = places().filter(({ name }) => name === "local");
let place: Place | undefined;

before(async () => {
  [place] = (await local?.open(1)) ?? [];
});
after(() => local?.close());

/** Touches the file, and says whatever it is told to. */
const touches = posixProperty<[path: string, says: Outcome]>("spec.touches", {
  args: z.tuple([z.string(), z.enum(["changed", "unchanged"])]),
  async apply(_host, path, says) {
    utimesSync(path, 1, 1);
    return says;
  },
});

/** Says that it has done something, and that undoing it did. */
const claims = posixProperty<[]>("spec.claims", {
  args: z.tuple([]),
  apply: async () => "changed",
  unapply: async () => "changed",
});

const right: PropertyCase = {
  name: "",
  given: { b: "text\n" },
  props: (root) => existsWithContent(`${root}/a`, "text"),
  outcome: "changed",
  becomes: { a: "text\n", b: "text\n" },
  unapplied: "restored",
};

/** What is wrong with a case, and what the runner says of it. */
const wrong: readonly [name: string, Partial<PropertyCase>, RegExp][] = [
  ["it changes something", { outcome: "unchanged" }, /applied/],
  ["it does not fail", { outcome: { fails: FailedChange } }, /did not fail: changed/],
  ["it fails", { props: (root) => hasContent(root, "text") }, /E_FILE/],
  [
    "it fails with another error",
    { props: (root) => hasContent(root, "x"), outcome: { fails: CommandFailed } },
    /E_FILE/,
  ],
  ["other content", { becomes: { a: "texs\n", b: "text\n" } }, /texs/],
  ["another mode", { becomes: { a: { content: "text\n", mode: 0o600 }, b: "text\n" } }, /mode 600/],
  ["another owner", { becomes: { a: { content: "text\n", user: 7 }, b: "text\n" } }, /owner 7/],
  ["a file too few", { becomes: { a: "text\n" } }, /'b'|b:/],
  ["a file too many", { becomes: { a: "text\n", b: "text\n", c: "" } }, /c: /],
  ["a symlink", { becomes: { a: { symlink: "b" }, b: "text\n" } }, /symlink to b/],
  [
    "it changes something each time",
    { props: (root) => inOrder(hasContent(`${root}/a`, "text"), cmd.single(sh`true`)) },
    /the second time/,
  ],
  [
    "it says that it changed nothing, and did",
    {
      props: (root) => touches(`${root}/b`, "unchanged"),
      outcome: "unchanged",
      becomes: { b: "text\n" },
    },
    /touched/,
  ],
  ["undoing leaves something else", { unapplied: { b: "text\n", c: "" } }, /unapplied/],
  ["undoing does nothing", { unapplied: "unchanged" }, /unapplied/],
  [
    "undoing changes something each time",
    { props: () => claims(), becomes: { b: "text\n" }, again: "changed" },
    /unapplied twice/,
  ],
];

test("a right case passes", async () => {
  assert.ok(place);
  await runCase(right, place);
});

for (const [name, change, says] of wrong) {
  test(`noticed: ${name}`, async () => {
    assert.ok(place);
    await assert.rejects(runCase({ ...right, ...change }, place), (error) => {
      assert.ok(error instanceof assert.AssertionError, String(error));
      assert.match(error.message, says);
      return true;
    });
  });
}

test("a mode that nobody listed is noticed", async () => {
  assert.ok(place);
  const prepare = async (_place: Place, root: string) => chmodSync(`${root}/b`, 0o4755);
  await assert.rejects(runCase({ ...right, prepare }, place), /mode 4755/);
});
