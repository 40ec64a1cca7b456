// Compiles the addon: for this machine, or with --all for every platform. With --sanitized PROGRAM.c OUTPUT its
// loop alone, for a program that tries it.
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
const inputs = [
  ...sources,
  ...["zygote.h", "serve.h"].map((name) => path.join(here, name)),
  import.meta.filename,
];

const isMusl = !process.report.getReport().header.glibcVersionRuntime;
const own = `linux-${process.arch}-${isMusl ? "musl" : "glibc"}`;
/** The compiler of each platform, and the Debian packages that have it; this machine's own is last. */
const compilers = {
  "linux-x64-glibc": ["x86_64-linux-gnu-gcc", "gcc-x86-64-linux-gnu libc6-dev-amd64-cross"],
  "linux-x64-musl": ["x86_64-linux-musl-gcc", "musl-tools"],
  "linux-arm64-glibc": ["aarch64-linux-gnu-gcc", "gcc-aarch64-linux-gnu libc6-dev-arm64-cross"],
  "linux-arm64-musl": ["aarch64-linux-musl-gcc", undefined],
  [own]: [process.env.CC ?? "cc", "gcc libc6-dev"],
};

const sanitized = process.argv.indexOf("--sanitized");
if (sanitized > 0) buildSanitized(...process.argv.slice(sanitized + 1));
if (process.platform !== "linux") process.exit(0); // no fork there: exec'ed processes serve instead
const isForAll = process.argv.includes("--all");
const wanted = isForAll ? Object.keys(compilers) : [own];
const missing = wanted.filter((platform) => !build(platform, compilers[platform][0]));
for (const platform of missing) {
  const [compiler, packages] = compilers[platform];
  const where = packages ? `apt install ${packages}` : "Debian has no package with one";
  console.error(`${platform}: not built, there is no ${compiler} here (${where})`);
}
// Without a compiler all works but what forks, and that says so; who asks for all platforms wants all.
if (missing.length > 0 && isForAll) process.exit(1);

/** False when there is no such compiler. */
function build(platform, compiler) {
  const output = path.join(target, `${platform}.node`);
  const isFresh =
    existsSync(output) &&
    inputs.every((input) => statSync(input).mtimeMs <= statSync(output).mtimeMs);
  if (isFresh) return true;
  mkdirSync(target, { recursive: true });
  // Under another name first: a process that has the old file loaded keeps it.
  const fresh = `${output}.${process.pid}`;
  const flags = ["-O2", "-shared", "-fPIC", "-fvisibility=hidden", "-s", "-Wall", "-Wextra"];
  const run = spawnSync(compiler, [...flags, "-Werror", `-I${headers}`, "-o", fresh, ...sources], {
    stdio: "inherit",
  });
  if (run.error?.code === "ENOENT") return false;
  if (run.error) console.error(`${platform}: ${compiler}: ${run.error.message}`);
  if (run.status !== 0) process.exit(1);
  renameSync(fresh, output);
  console.error(`built ${path.relative(process.cwd(), output)}`);
  return true;
}

/** The loop with a program around it, which finds what it does wrong in its memory. */
function buildSanitized(program, output) {
  const parts = ["serve.c", "children.c", "orphans.c", "channel.c"].map((name) =>
    path.join(here, name),
  );
  const sanitizers = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
  const flags = [
    "-g",
    "-O1",
    "-Wall",
    "-Wextra",
    "-Werror",
    ...sanitizers,
    `-I${headers}`,
    `-I${here}`,
  ];
  const run = spawnSync(compilers[own][0], [...flags, "-o", output, program, ...parts], {
    stdio: "inherit",
  });
  process.exit(run.status ?? 1);
}
