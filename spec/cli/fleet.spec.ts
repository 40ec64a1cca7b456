/** Many hosts in one command: in what order, in which threads, and what one can do to the others. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { busyboxTree, removeTree } from "../connections/helpers/trees.js";
import { consfigOf, type Ended, Scratch } from "./command.js";

/** Hosts that fail, and others that are well, each of which tells in a file when it is there. */
const plainHosts = (directory: string, fail: readonly string[] = []) =>
  consfigOf(`
import * as fleet from "consfigurator/properties/fleet";
const at = (name) => ${JSON.stringify(directory)} + "/" + name;
const fails = ${JSON.stringify(fail)};
const works = (name) => cmd.single(script\`
  n=$(ls \${at("running")} | wc -l)
  : >\${at("running/")}\${name}
  echo \${name} $n >>\${at("log")}
  sleep 0.15
  rm \${at("running/")}\${name}
  exit \${fails.includes(name) ? "1" : "0"}\`);
export const hosts = Array.from("abcdefgh", (name) =>
  host(name, { deploy: [local()] }, ...("gh".includes(name) ? [fleet.limit({ last: 1 })] : []), works(name)));
`);

/** The command over those hosts: how it ended, who began in which order, and how many ran at once. */
async function deployed(
  t: { after(end: () => void): void },
  words: readonly string[],
  fail: readonly string[] = [],
) {
  const scratch = new Scratch(t);
  scratch.write("running/.keep", "");
  scratch.write("consfig.ts", plainHosts(scratch.directory, fail));
  const ended = await scratch.consfig("deploy", ...words);
  const log = existsSync(scratch.path("log")) ? readFileSync(scratch.path("log"), "utf8") : "";
  const lines = log.trimEnd().split("\n");
  const begun = lines.flatMap((line) => line.split(" ")[0] || []);
  const atOnce = Math.max(...lines.map((line) => Number(line.split(" ")[1]) + 1));
  return { ...ended, scratch, begun, atOnce };
}

const all = [..."abcdefgh"];

describe("who may begin", () => {
  test("as many at once as was said", async (t) => {
    const { code, begun, atOnce } = await deployed(t, ["--parallel", "3"]);
    assert.deepEqual([code, begun.toSorted()], [0, all]);
    assert.ok(atOnce <= 3, `${atOnce} at once`);
  });

  test("a tenth of few is one", async (t) => {
    const { code, begun, atOnce } = await deployed(t, ["--rolling", "10%"]);
    assert.deepEqual([code, begun, atOnce], [0, all, 1]);
  });

  test("those that have failed are out of service, too", async (t) => {
    const { code, begun, stderr } = await deployed(t, ["--rolling", "25%"], ["a", "c"]);
    assert.equal(code, 3);
    assert.ok(begun.includes("a") && begun.includes("c") && begun.length < 6, begun.join());
    assert.match(stderr, /2 failed, and no more may be out of service/);
    assert.match(stderr, /^h +not begun$/m);
  });

  test("no other when more have failed than may, rounded down", async (t) => {
    const words = ["--parallel", "1", "--max-failures"];
    const tenth = await deployed(t, [...words, "10%"], ["b"]);
    assert.deepEqual([tenth.code, tenth.begun], [3, ["a", "b"]]);
    assert.match(tenth.stderr, /more than 0 failed/);
    const quarter = await deployed(t, [...words, "25%"], ["b", "c"]);
    assert.deepEqual([quarter.code, quarter.begun], [3, all]);
  });

  test("canaries first, and the others when all is well with them", async (t) => {
    const good = await deployed(t, ["--canary", "2"]);
    assert.deepEqual([good.code, good.begun.slice(0, 2).toSorted()], [0, ["a", "b"]]);
    assert.deepEqual(good.begun.toSorted(), all);
    const bad = await deployed(t, ["--canary", "2"], ["b"]);
    assert.deepEqual([bad.code, bad.begun.toSorted()], [3, ["a", "b"]]);
    assert.match(bad.stderr, /a canary failed/);
    const more = await deployed(t, ["--canary", "50"]);
    assert.deepEqual([more.code, more.begun.toSorted()], [0, all]);
  });

  test("words that say nothing are refused before anything is done", async (t) => {
    const scratch = new Scratch(t);
    scratch.write("consfig.ts", plainHosts(scratch.directory));
    const bad = [
      ["--parallel", "0"],
      ["--parallel", "many"],
      ["--threads", "-1"],
      ["--threads", "1.5"],
      ["--rolling", "101%"],
      ["--rolling", "%"],
      ["--rolling", "-1"],
      ["--max-failures", "1.5%"],
      ["--retry", "often"],
      ["--timeout", "0"],
      ["--timeout", "1m"],
    ];
    const ended = await Promise.all(bad.map((words) => scratch.consfig("deploy", ...words)));
    for (const [index, { code, stderr }] of ended.entries()) {
      assert.equal(code, 1, bad[index]?.join(" "));
      assert.match(stderr, /error: option .* argument .* is invalid|argument missing/);
    }
    assert.equal(existsSync(scratch.path("log")), false);
  });
});

interface Line {
  readonly type: string;
  readonly host?: string;
  readonly hosts?: readonly { readonly host: string; readonly error?: { readonly code: string } }[];
  readonly exitCode?: number;
  readonly text?: string;
}

/** What was printed for programs, without what chance decides. */
function lines({ stdout }: Ended): Line[] {
  const chance = new Set(["durationMs", "run", "traffic", "afterMs"]);
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line, (key, value) => (chance.has(key) ? 0 : value)) as Line);
}

/** Of each host, in order, what was told of it; and the last line. */
function byHost(ended: Ended) {
  const told = lines(ended);
  const hosts = new Set(told.flatMap(({ host }) => host ?? []));
  return {
    hosts: [...hosts].toSorted().map((one) => told.filter(({ host }) => host === one)),
    summary: told.at(-1),
  };
}

const mixed = consfigOf(`
import { registerDataSource, inOrder } from "consfigurator";
import { node } from "consfigurator/connections/node";
import { chroot } from "consfigurator/connections/chroot";
import { filesTree } from "consfigurator/data/filesTree";
import { z } from "zod";
registerDataSource(filesTree("data"));

/** Says what it was given, to see that it is hidden wherever it is told. */
const leaks = posixProperty<[]>("spec.leaks", {
  args: z.tuple([]),
  hostattrs: (attrs) => attrs.requireData("_spec", "key"),
  apply: async (on) => {
    const secret = (await on.data("_spec", "key")).asSecret().reveal().trim();
    on.inform("it is " + secret);
    await on.run(script\`echo \${secret}; echo \${secret} >&2; exit 4\`);
    return "changed";
  },
});
const thread = posixProperty<[]>("spec.thread", {
  args: z.tuple([]),
  apply: async () => { throw new RangeError("mistaken"); },
});
const directory = process.cwd();
// Two commands that deploy at once must not wait for each other's locks.
const own = (name) => name + "." + directory.replace(/.*-/, "");
const home = host(own("home"), { deploy: [local()] }, file.hasContent(directory + "/home", "x"));
export const hosts = [
  home,
  host(own("leaking"), { deploy: [local()] }, leaks(), cmd.single(["true"])),
  host(own("broken"), { deploy: [local()] }, keepGoing(thread(), cmd.single(script\`true\`))),
  host(own("nested"), { deploy: [local()] }, inOrder(onChange(cmd.single(["true"]), cmd.single(["false"])))),
  host(own("image"), { deploy: [local(), node()] }, file.hasContent(directory + "/image", "x")),
  host(own("supplied"), { deploy: [local()] }, file.secretUploaded("_spec", "key", directory + "/key")),
  host(own("unsupplied"), { deploy: [local(), node()] }, file.dataUploaded("_spec", "none", directory + "/none")),
];
`);

describe("threads", () => {
  test("are to be noticed by nothing that is told", async (t) => {
    const secret = "s3cr3t-of-the-spec";
    const runs = await Promise.all(
      ["0", "2"].map(async (threads) => {
        const scratch = new Scratch(t);
        scratch.write("data/_spec/key", `${secret}\n`);
        scratch.write("consfig.ts", mixed);
        const ended = await scratch.consfig("deploy", "--json", "-vvv", "--threads", threads);
        assert.ok(!`${ended.stdout}${ended.stderr}`.includes(secret), "it is hidden");
        assert.match(ended.stdout, /it is /);
        assert.equal(readFileSync(scratch.path("key"), "utf8"), `${secret}\n`);
        for (const made of ["home", "image"]) {
          assert.ok(existsSync(scratch.path(made)), `${made}: ${ended.stdout}${ended.stderr}`);
        }
        const stdout = ended.stdout
          .replaceAll(scratch.directory, "/scratch")
          .replaceAll(scratch.directory.replace(/.*-/, ""), "own");
        return { ...ended, stdout };
      }),
    );
    const [without, within] = runs;
    assert.ok(without && within);
    assert.deepEqual([without.code, within.code], [3, 3]);
    assert.deepEqual(byHost(within), byHost(without));
  });

  test("do not carry out what a copy of the root process has to enter", async (t) => {
    if (process.getuid?.() !== 0) return t.skip("needs uid 0");
    const files = { "etc/passwd": "root:x:0:0::/root:/bin/sh\n", root: {}, tmp: {}, proc: {} };
    const tree = busyboxTree({ ...files, sys: {}, dev: {}, run: {} });
    t.after(() => removeTree(tree));
    const scratch = new Scratch(t);
    scratch.write(
      "consfig.ts",
      consfigOf(`
import { writeFileSync } from "node:fs";
import { isMainThread } from "node:worker_threads";
import { deploys, hostsFrom, nodeProperty } from "consfigurator";
import { chroot } from "consfigurator/connections/chroot";
import { z } from "zod";
const told = posixProperty<[]>("spec.told", {
  args: z.tuple([]),
  apply: async (on) => { on.inform("main " + isMainThread); return "changed"; },
});
const inside = nodeProperty<[]>("spec.inside", {
  args: z.tuple([]),
  apply: async () => { writeFileSync("/root/inside", "x"); return "changed"; },
});
const tree = ${JSON.stringify(tree)};
export const hosts = hostsFrom(async () => [
  host("here", { deploy: [local()] }, told()),
  host("direct", { deploy: [local(), chroot(tree)] }, inside()),
  host("around", { deploy: [local()] }, told(), deploys([chroot(tree)], host("within", inside()))),
]);
`),
    );
    const ended = await scratch.consfig("deploy", "--json", "-v", "--threads", "2");
    assert.equal(ended.code, 0, ended.stderr);
    assert.ok(existsSync(path.join(tree, "root/inside")));
    const said = Object.fromEntries(
      lines(ended).flatMap(({ type, host, text }) =>
        type === "inform" && text?.startsWith("main ") ? [[host, text]] : [],
      ),
    );
    assert.deepEqual(said, { here: "main false", around: "main true" });
  });
});
