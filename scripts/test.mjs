// Runs the specs: all of them, or those whose path contains one of the given words.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import path from "node:path";

await import("./setup.mjs");

const words = process.argv.slice(2).filter((word) => !word.startsWith("-"));
const flags = process.argv.slice(2).filter((word) => word.startsWith("-"));
// Named by their sources: what was compiled from a spec that is gone may still lie there.
const specs = readdirSync("spec", { recursive: true })
  .filter((name) => name.endsWith(".spec.ts"))
  .filter((name) => words.length === 0 || words.some((word) => name.includes(word)))
  .map((name) => path.join("dist/spec", name.replace(/ts$/, "js")))
  .sort();
if (specs.length === 0) {
  console.error(`no spec matches ${words.join(", ")}`);
  process.exit(1);
}
// One at a time: several measure what is left behind on this machine.
const options = ["--test", "--test-concurrency=1", "--enable-source-maps"];
// This reporter repeats at the end what failed, where the last lines of a log show it.
options.push("--test-reporter=spec");
options.push("--import", new URL("../dist/spec/helpers/leakCheck.js", import.meta.url).href);
const run = spawnSync(process.execPath, [...options, ...flags, ...specs], { stdio: "inherit" });
process.exit(run.status ?? 1);
