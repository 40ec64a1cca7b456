/** Runs the benches: all, or those named; a table for people, or JSON with --json. */
import { testbedUnavailable } from "../spec/testbed/index.js";
import { prepareMachine } from "../spec/testbed/prepare.js";
import { baseline } from "./baseline.js";
import { chain } from "./chain.js";
import { executable } from "./executable.js";
import { type Row, table } from "./figures.js";
import { fleet } from "./fleet.js";
import { fork } from "./fork.js";
import { image } from "./image.js";
import { modules } from "./modules.js";
import { scale } from "./scale.js";

const benches: Record<string, () => Promise<readonly Row[]>> = {
  chain,
  baseline,
  fork,
  modules,
  image,
  executable,
  fleet,
  scale,
};
const onTestbed = ["chain", "baseline", "image", "fleet"];

const words = process.argv.slice(2);
const json = words.includes("--json");
const names = words.filter((word) => !word.startsWith("-"));
const unknown = names.filter((name) => !(name in benches));
const chosen = names.length > 0 ? names : Object.keys(benches);
const unavailable = chosen.some((name) => onTestbed.includes(name)) && testbedUnavailable();
if (unknown.length > 0 || unavailable) {
  console.error(unavailable || `no bench is called ${unknown.join(", ")}`);
  process.exit(1);
}
if (chosen.some((name) => onTestbed.includes(name))) await prepareMachine();
const results: Record<string, readonly Row[]> = {};
for (const [name, bench] of Object.entries(benches)) {
  if (!chosen.includes(name)) continue;
  if (!json) console.log(`\n${name}`);
  results[name] = await bench();
  if (!json) console.log(table(results[name]));
}
if (json) console.log(JSON.stringify(results, null, 2));
