// Runs the specs of what depends on Node itself, on every supported version of it: the zygote, the Node
// image, the modules it is made of, executables, and some of the command. The versions come as npm
// packages, into a cache that is not part of this package's own dependencies.
//
//     npm run test:nodes                   all versions
//     npm run test:nodes -- 22 26          these
//     npm run test:nodes -- 24 zygote/     the specs whose path contains that
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";

await import("./setup.mjs");

const majors = ["20", "22", "24", "26"];
const given = process.argv.slice(2).filter((word) => /^\d+$/.test(word));
const words = process.argv.slice(2).filter((word) => !/^\d+$/.test(word));
const folders = ["core", "zygote", "connections/node", "engine/modules", "executable"];
const specs = [
  ...folders.flatMap((folder) => readdirSync(`spec/${folder}`).map((name) => `${folder}/${name}`)),
  "cli/eval.spec.ts",
  "cli/loading.spec.ts",
  "connections/grandchildren.spec.ts",
]
  .filter((name) => name.endsWith(".spec.ts"))
  .filter((name) => words.length === 0 || words.some((word) => name.includes(word)));
if (specs.length === 0) {
  console.error(`no such spec depends on Node itself: ${words.join(", ")}`);
  process.exit(1);
}
const cache = path.resolve("node_modules/.cache/nodes");
const runner = new URL("../dist/spec/runner/main.js", import.meta.url).pathname;

const results = [];
for (const major of given.length > 0 ? given : majors) results.push([major, tested(major)]);
for (const [major, result] of results) console.log(`Node ${major}: ${result}`);
process.exit(results.every(([, result]) => result === "ok") ? 0 : 1);

function tested(major) {
  const node = install(major);
  if (!node) return "NOT INSTALLED";
  const version = spawnSync(node, ["--version"], { encoding: "utf8" }).stdout?.trim();
  if (!version?.startsWith(`v${major}.`)) return `DOES NOT START (${version ?? "?"})`;
  console.log(`\n${version}`);
  // Programs that a spec starts by name are to be of this version too.
  const env = { ...process.env, PATH: `${path.dirname(node)}:${process.env.PATH}` };
  return spawnSync(node, [runner, ...specs], { stdio: "inherit", env }).status === 0
    ? "ok"
    : "FAILED";
}

/** The path of that version's program, or undefined if npm does not have it for this machine. */
function install(major) {
  const name = `node-${process.platform}-${process.arch}`;
  const directory = path.join(cache, major);
  const node = path.join(directory, "node_modules", name, "bin/node");
  if (existsSync(node)) return node;
  mkdirSync(directory, { recursive: true });
  writeFileSync(path.join(directory, "package.json"), '{ "private": true }\n');
  const words = ["install", "--no-save", "--no-package-lock", "--no-audit", "--no-fund"];
  const run = spawnSync("npm", [...words, "--prefix", directory, `${name}@${major}`], {
    encoding: "utf8",
  });
  if (run.status === 0 && existsSync(node)) return node;
  console.error(`Node ${major}: npm does not install ${name}@${major}:\n${run.stderr}`);
  return undefined;
}
