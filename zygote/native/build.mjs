// Compiles the addon: for this machine, or with --all for every platform whose C compiler is here.
// Needs a C compiler and nothing else; the headers of Node-API come from npm, so one binary loads in
// every Node from 20 on, and no headers of a particular Node have to be found or fetched.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const here = import.meta.dirname;
const target = path.join(here, "../../dist/zygote/prebuilds");
const headers = path.join(
  path.dirname(createRequire(import.meta.url).resolve("node-api-headers/package.json")),
  "include",
);
const sources = readdirSync(here)
  .filter((name) => name.endsWith(".c"))
  .sort()
  .map((name) => path.join(here, name));
const inputs = [...sources, path.join(here, "zygote.h"), import.meta.filename];

const isMusl = !process.report.getReport().header.glibcVersionRuntime;
const own = `linux-${process.arch}-${isMusl ? "musl" : "glibc"}`;
/** The compiler of each platform; the machine's own comes first. */
const compilers = {
  "linux-x64-glibc": "x86_64-linux-gnu-gcc",
  "linux-x64-musl": "x86_64-linux-musl-gcc",
  "linux-arm64-glibc": "aarch64-linux-gnu-gcc",
  "linux-arm64-musl": "aarch64-linux-musl-gcc",
  [own]: process.env.CC ?? "cc",
};

if (process.platform !== "linux") process.exit(0); // no fork there: exec'ed processes serve instead
const wanted = process.argv.includes("--all") ? Object.keys(compilers) : [own];
for (const platform of wanted) build(platform, compilers[platform]);

function build(platform, compiler) {
  const output = path.join(target, `${platform}.node`);
  const isFresh =
    existsSync(output) &&
    inputs.every((input) => statSync(input).mtimeMs <= statSync(output).mtimeMs);
  if (isFresh) return;
  mkdirSync(target, { recursive: true });
  // Under another name first: a process that has the old file loaded keeps it.
  const fresh = `${output}.${process.pid}`;
  const flags = ["-O2", "-shared", "-fPIC", "-fvisibility=hidden", "-s", "-Wall", "-Wextra"];
  const run = spawnSync(compiler, [...flags, "-Werror", `-I${headers}`, "-o", fresh, ...sources], {
    stdio: "inherit",
  });
  if (run.error?.code === "ENOENT" && platform !== own) {
    console.error(`${platform}: no ${compiler} here`);
    return;
  }
  if (run.error) console.error(`${platform}: ${compiler}: ${run.error.message}`);
  if (run.status !== 0) process.exit(1);
  renameSync(fresh, output);
  console.error(`built ${path.relative(process.cwd(), output)}`);
}
