/** Hops that the command enters on this very machine. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { busyboxTree, Leader, removeTree } from "../connections/helpers/trees.js";
import { mountsIn } from "../helpers/belongings.js";
import { Scratch } from "./command.js";

const skip = process.getuid?.() === 0 ? false : "needs uid 0: entering a chroot";

test("a node property in a chroot of this machine", { skip }, async (t) => {
  const tree = busyboxTree({ "etc/passwd": "root:x:0:0:root:/root:/bin/sh\n", "root/a": "" });
  t.after(() => removeTree(tree));
  const scratch = new Scratch(t);
  scratch.write(
    "consfig.ts",
    `import { writeFileSync } from "node:fs";
     import { deploys, host, nodeProperty } from "consfigurator";
     import { chroot } from "consfigurator/connections/chroot";
     import { local } from "consfigurator/connections/local";
     import * as file from "consfigurator/properties/file";
     import { z } from "zod";
     const written = nodeProperty<[]>("spec.written", {
       args: z.tuple([]),
       apply: async () => {
         writeFileSync("/root/written", "by a process");
         return "changed";
       },
     });
     const inside = host("inside.example.com", written(), file.hasContent("/root/motd", "hello"));
     export const here = host(
       "here.example.com",
       { deploy: [local()] },
       deploys([chroot(${JSON.stringify(tree)})], inside),
     );`,
  );
  const { code, stderr } = await scratch.consfig("deploy");
  assert.equal(code, 0, stderr);
  assert.match(stderr, /changed .*spec\.written/);
  assert.equal(readFileSync(path.join(tree, "root/written"), "utf8"), "by a process");
  assert.equal(readFileSync(path.join(tree, "root/motd"), "utf8"), "hello\n");
  assert.deepEqual(mountsIn(tree), []);
});

test("a consfig that imports nothing but the hop to be entered", { skip }, async (t) => {
  const tree = busyboxTree({ "etc/passwd": "root:x:0:0:root:/root:/bin/sh\n", "root/a": "" });
  t.after(() => removeTree(tree));
  const scratch = new Scratch(t);
  scratch.write(
    "consfig.ts",
    `import { asUser, host, nodeProperty } from "consfigurator";
     import { chroot } from "consfigurator/connections/chroot";
     import * as file from "consfigurator/properties/file";
     import { z } from "zod";
     const seen = nodeProperty<[]>("spec.seen", { args: z.tuple([]), apply: async () => "changed" });
     const chain = [chroot(${JSON.stringify(tree)})] as const;
     export const inside = host("inside.example.com", { deploy: chain },
       seen(), asUser("root", file.hasContent("/root/motd", "hello")));`,
  );
  const { code, stderr } = await scratch.consfig("deploy");
  assert.equal(code, 0, stderr);
  assert.equal(readFileSync(path.join(tree, "root/motd"), "utf8"), "hello\n");
});

test("in another pid namespace, /proc tells of what runs there", { skip }, async (t) => {
  const leader = await Leader.start(["-mp", "--mount-proc"], []);
  t.after(() => leader.end());
  const scratch = new Scratch(t);
  scratch.write(
    "consfig.ts",
    `import { host, nodeProperty } from "consfigurator";
     import { nsenter } from "consfigurator/connections/nsenter";
     import { z } from "zod";
     const tells = nodeProperty<[]>("spec.tells", {
       args: z.tuple([]),
       apply: async (on) => {
         on.inform((await on.readFile("/proc/1/comm")) + (await on.readFile("/proc/self/comm")));
         return (await on.exists("/proc/self/mounts")) ? "changed" : "unchanged";
       },
     });
     export const inside = host("inside.example.com", { deploy: [nsenter(${leader.pid})] }, tells());`,
  );
  const { code, stderr } = await scratch.consfig("deploy", "-v");
  assert.equal(code, 0, stderr);
  assert.match(stderr, /info +sleep\\nhead\\n/);
  assert.match(stderr, /changed +spec\.tells/);
});

test("a host that the consfig computes", { skip }, async (t) => {
  const tree = busyboxTree({ "etc/passwd": "root:x:0:0:root:/root:/bin/sh\n", "root/a": "" });
  t.after(() => removeTree(tree));
  const scratch = new Scratch(t);
  scratch.write(
    "consfig.ts",
    `import { host, hostsFrom, nodeProperty } from "consfigurator";
     import { chroot } from "consfigurator/connections/chroot";
     import * as file from "consfigurator/properties/file";
     import { z } from "zod";
     const seen = nodeProperty<[]>("spec.seen", { args: z.tuple([]), apply: async () => "changed" });
     const chain = [chroot(${JSON.stringify(tree)})] as const;
     export const inside = hostsFrom(async () => [
       host("inside.example.com", { deploy: chain }, seen(), file.hasContent("/root/motd", "hello")),
     ]);`,
  );
  const { code, stderr } = await scratch.consfig("deploy");
  assert.equal(code, 0, stderr);
  assert.equal(readFileSync(path.join(tree, "root/motd"), "utf8"), "hello\n");
});
