/** A program of one's own deploys over a hop of its own, without the `consfig` command. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const scratch = mkdtempSync(path.join(tmpdir(), "library-"));
after(() => rmSync(scratch, { recursive: true, force: true }));

const home = path.join(scratch, "home");
const there = path.join(scratch, "there");
for (const name of ["home", "there", "node_modules"]) mkdirSync(path.join(scratch, name));
const root = fileURLToPath(new URL("../../../../", import.meta.url));
symlinkSync(root, path.join(scratch, "node_modules/consfigurator"));
symlinkSync(path.join(root, "node_modules/zod"), path.join(scratch, "node_modules/zod"));

writeFileSync(
  path.join(scratch, "consfig.mjs"),
  `
import { spawn } from "node:child_process";
import { writeFileSync, existsSync } from "node:fs";
import { childStream, hopType, host, nodeProperty } from "consfigurator";
import * as file from "consfigurator/properties/file";
import { z } from "zod";

export const beside = hopType("library.beside", {
  gives: "node",
  args: z.tuple([z.string(), z.string()]),
  desc: (_context, home) => "beside " + home,
  image: (_context, home, program) => ({
    start: async (words) =>
      childStream(spawn(program, words, { stdio: "pipe", env: { HOME: home, PATH: process.env.PATH } })),
  }),
});
const noted = nodeProperty("library.noted", {
  args: z.tuple([z.string()]),
  check: async (_on, name) => existsSync(name),
  apply: async (_on, name) => {
    writeFileSync(name, String(process.ppid));
    return "changed";
  },
});
export const it = host("it", file.hasContent(${JSON.stringify(path.join(there, "made"))}, "x"), noted(${JSON.stringify(path.join(there, "noted"))}));
`,
);
writeFileSync(
  path.join(scratch, "program.mjs"),
  `
import { deploy, useModulesOf } from "consfigurator";
import { local } from "consfigurator/connections/local";
import { su } from "consfigurator/connections/su";
import { beside, it } from "./consfig.mjs";
const [home, program, hops] = process.argv.slice(2);
if (hops !== "unsaid") useModulesOf(new URL("./consfig.mjs", import.meta.url));
const hop = beside(home, program);
const chain = hops === "beyond a shell" ? [local(), su("root"), hop] : [hop];
const informed = [];
const listener = (event) => event.type === "inform" && informed.push(event.text);
try {
  const { counts, error, changed } = await deploy(chain, it, [], { listener });
  console.log(JSON.stringify({ counts, changed, error: error?.message, informed }));
} catch (error) {
  console.log(JSON.stringify({ thrown: error.message, hint: error.hint }));
}
`,
);

interface Said {
  readonly counts?: { readonly changed: number; readonly unchanged: number };
  readonly error?: string;
  readonly thrown?: string;
  readonly hint?: string;
  readonly informed?: readonly string[];
}

function run(program: string, hops = "one"): Said {
  const { stdout, stderr } = spawnSync(process.execPath, ["program.mjs", home, program, hops], {
    cwd: scratch,
    encoding: "utf8",
    env: { PATH: process.env.PATH, HOME: scratch },
  });
  assert.equal(stderr, "");
  return JSON.parse(stdout) as Said;
}

test("both kinds of property, the modules once", () => {
  const first = run(process.execPath);
  assert.equal(first.counts?.changed, 2, JSON.stringify(first));
  assert.match(String(first.informed), /sent [1-9]\d+ bytes of modules/);
  assert.equal(readFileSync(path.join(there, "made"), "utf8"), "x\n");
  assert.ok(readdirSync(path.join(home, ".cache/consfigurator/modules")).length > 3);
  const second = run(process.execPath);
  assert.equal(second.counts?.unchanged, 2, JSON.stringify(second));
  assert.match(String(second.informed), /sent 0 bytes of modules/);
});

test("a program that is not Node, and one that is not there", () => {
  assert.match(run("/bin/echo").error ?? "", /^beside .*: its Node is one that says /);
  assert.match(run("/nosuch").error ?? "", /^beside .*: its Node is one that does not start/);
});

test("it is a first hop only", () => {
  assert.match(
    run(process.execPath, "beyond a shell").thrown ?? "",
    /library\.beside can only be the first/,
  );
});

test("a program that has not said what images are made of is told to", () => {
  const { thrown, hint } = run(process.execPath, "unsaid");
  assert.match(thrown ?? "", /has not said which modules a host needs/);
  assert.match(hint ?? "", /useModulesOf/);
});
