// Runs the README's two commands as a new user would: in a minimal Debian of the machine's release that has
// what the README asks for and no more, in a fresh clone, once as uid 0 and once as an ordinary account.
// Then lists what they leave behind: processes, mounts, network links, and files outside the clone but
// for those of Debian's packages and of npm's cache. What is not committed is not in the clone.
//
//     npm run cleanroom                      both accounts, a random seed
//     npm run cleanroom -- --seed 7          that seed
//     npm run cleanroom -- root              that account alone: root or person
//
// Needs uid 0 on Debian. The Debian is made once and kept; `--fresh` makes it anew.
import { execFileSync, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";

await import("./setup.mjs");
const { cacheDirectory } = await import("../dist/spec/testbed/base.js");
const { installPackages } = await import("../dist/spec/testbed/debian.js");
const { testbedUnavailable } = await import("../dist/spec/testbed/machine.js");

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: "string" }, fresh: { type: "boolean", default: false } },
});
const all = ["root", "person"];
const accounts = positionals.length > 0 ? positionals : all;
if (accounts.some((account) => !all.includes(account))) {
  console.error(`the accounts are ${all.join(" and ")}`);
  process.exit(1);
}
const unavailable = testbedUnavailable();
if (unavailable) {
  console.error(`no clean room: ${unavailable}`);
  process.exit(1);
}
const script = path.resolve("scripts/cleanroom.sh");
const cache = path.join(cacheDirectory(), "cleanroom");
const tree = path.join(cache, "debian");
const seed = values.seed ?? String(randomInt(1, 2 ** 31));

installPackages();
mkdirSync(cache, { recursive: true });
if (values.fresh) rmSync(tree, { recursive: true, force: true });
if (!existsSync(tree)) {
  console.log("clean room: making a minimal Debian (once) …");
  execFileSync("bash", [script, "build", tree], { stdio: "inherit" });
}
console.log(`clean room: the same again: --seed ${seed}`);

/** What runs in a room ends when this program is told to end, and the room is removed. */
let inside;
let isInterrupted = false;
for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"]) {
  process.once(signal, () => {
    isInterrupted = true;
    inside?.kill("SIGKILL");
  });
}
let allPassed = true;
for (const account of accounts) if (!(await passes(account))) allPassed = false;
process.exit(allPassed ? 0 : 1);

async function passes(account) {
  if (isInterrupted) return false;
  const room = mkdtempSync(path.join(cache, "room-"));
  try {
    execFileSync("cp", ["-a", "--reflink=auto", `${tree}/.`, room]);
    const clone = path.join(room, account === "root" ? "root" : `home/${account}`, "consfigurator");
    execFileSync("git", ["clone", "--quiet", "--no-hardlinks", ".", clone]);
    const owner = execFileSync("stat", ["-c", "%u:%g", path.dirname(clone)], { encoding: "utf8" });
    execFileSync("chown", ["-R", owner.trim(), clone]);
    const namespaces = ["--mount", "--pid", "--ipc", "--uts", "--propagation", "private"];
    const commands = ["npm run demo", `npm test -- --seed ${seed}`];
    const begun = Date.now();
    const words = ["unshare", ...namespaces, "--fork", "--kill-child=KILL", "bash", script];
    // It ends with this program also where this one is killed.
    inside = spawn(
      "setpriv",
      ["--pdeathsig", "KILL", ...words, "enter", room, account, ...commands],
      { stdio: ["ignore", "inherit", "inherit"] },
    );
    if (isInterrupted) inside.kill("SIGKILL");
    const [status] = await once(inside, "exit");
    const minutes = ((Date.now() - begun) / 60_000).toFixed(1);
    console.log(
      `clean room: ${account}: ${status === 0 ? "passed" : "FAILED"}, seed ${seed}, ${minutes} min`,
    );
    return status === 0;
  } finally {
    // Nothing is mounted in it: that is in namespaces of the room, whose end takes a moment.
    rmSync(room, { recursive: true, force: true, maxRetries: 10 });
  }
}
