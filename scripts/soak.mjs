// Runs the long versions of the specs that have one. What the environment says already stays; words
// choose other specs, as for `npm test`.
import { spawnSync } from "node:child_process";

const long = {
  CONFSIG_GRANDCHILDREN: "20000",
  CONFSIG_MUTATIONS: "1000000",
  CONFSIG_LONG: "1",
};
const given = process.argv.slice(2);
const words = given.length > 0 ? given : ["zygote/", "engine/shell/output"];
const run = spawnSync(process.execPath, [new URL("test.mjs", import.meta.url).pathname, ...words], {
  stdio: "inherit",
  env: { ...long, ...process.env },
});
process.exit(run.status ?? 1);
