// Runs the long versions of the specs that have one, and all of what an ordinary run only samples. What the
// environment says already stays; words choose specs, as for `npm test`.
import { spawnSync } from "node:child_process";

const long = {
  CONFSIG_GRANDCHILDREN: "20000",
  CONFSIG_MUTATIONS: "1000000",
  CONFSIG_LONG: "1",
};
const test = new URL("test.mjs", import.meta.url).pathname;
const run = spawnSync(process.execPath, [test, ...process.argv.slice(2)], {
  stdio: "inherit",
  env: { ...long, ...process.env },
});
process.exit(run.status ?? 1);
