/** Where no executable can be made. */
import assert from "node:assert/strict";
import { copyFileSync, existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { main, Scratch } from "../cli/command.js";
import { busyboxTree, removeTree } from "../connections/helpers/trees.js";
import { mountsIn } from "../helpers/belongings.js";

const skip = process.getuid?.() === 0 ? false : "needs uid 0: entering a chroot";

const head = `
import { unlinkSync } from "node:fs";
import { deploys, host, inOrderUntil, nodeProperty, WrongExecutionContextForImageDump } from "consfigurator";
import { chroot } from "consfigurator/connections/chroot";
import { local } from "consfigurator/connections/local";
import * as file from "consfigurator/properties/file";
import * as image from "consfigurator/properties/image";
import { z } from "zod";
`;

test("in a chroot there is no Node to make it of", { skip }, async (t) => {
  const tree = busyboxTree({ "etc/passwd": "root:x:0:0:root:/root:/bin/sh\n", "root/a": "" });
  t.after(() => removeTree(tree));
  const scratch = new Scratch(t);
  scratch.write(
    "consfig.ts",
    `${head}
const inTree = (name, ...props) => host(name, { deploy: [local()] }, deploys([chroot(${JSON.stringify(tree)})], host("inside", ...props)));
export const plain = inTree("plain", image.dumped("/root/image"), file.hasContent("/root/first", "x"));
export const idiom = inTree("idiom",
  inOrderUntil(WrongExecutionContextForImageDump, image.dumped("/root/image"), file.hasContent("/root/never", "x")),
  file.hasContent("/root/second", "x"),
);`,
  );
  const plain = await scratch.consfig("deploy", "plain");
  assert.equal(plain.code, 3, plain.stderr);
  assert.match(plain.stderr, /E_IMAGE_CONTEXT .*no executable image can be made here: /);
  const idiom = await scratch.consfig("deploy", "idiom");
  assert.equal(idiom.code, 0, idiom.stderr);
  assert.doesNotMatch(idiom.stderr, /failed/);
  assert.deepEqual(readdirSync(path.join(tree, "root")).toSorted(), ["a", "first", "second"]);
  assert.deepEqual(mountsIn(tree), []);
});

test("nor where it is gone; but then that is no reason to leave out what follows from it", async (t) => {
  const scratch = new Scratch(t);
  const node = scratch.path("node");
  copyFileSync(process.execPath, node);
  const made = scratch.path("made");
  scratch.write(
    "consfig.ts",
    `${head}
const gone = nodeProperty<[]>("my.gone", { args: z.tuple([]), apply: async () => { unlinkSync(process.execPath); return "changed"; } });
export const here = host("here", { deploy: [local()] }, gone(),
  inOrderUntil(WrongExecutionContextForImageDump, image.dumped(${JSON.stringify(made)})));`,
  );
  const { code, stderr } = await scratch.spawn([node, main, "deploy"]).ended;
  assert.equal(code, 3, stderr);
  assert.match(stderr, /E_ABORTED .*no executable image can be made here: .*is not there/);
  assert.ok(!existsSync(made));
});
