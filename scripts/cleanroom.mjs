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
import { execFileSync, spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";

await import("./setup.mjs");
const { installPackages } = await import("../dist/spec/testbed/debian.js");
const { testbedUnavailable } = await import("../dist/spec/testbed/machine.js");

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: "string" }, fresh: { type: "boolean", default: false } },
});
const unavailable = testbedUnavailable();
if (unavailable) {
  console.error(`no clean room: ${unavailable}`);
  process.exit(1);
}
const script = path.resolve("scripts/cleanroom.sh");
const cache = path.resolve(".cache/cleanroom");
const tree = path.join(cache, "debian");
const seed = values.seed ?? String(randomInt(1, 2 ** 31));

installPackages();
mkdirSync(cache, { recursive: true });
if (values.fresh) rmSync(tree, { recursive: true, force: true });
if (!existsSync(tree)) {
  console.log("clean room: making a minimal Debian (once) …");
  execFileSync("bash", [script, "build", tree], { stdio: "inherit" });
}
const accounts = positionals.length > 0 ? positionals : ["root", "person"];
console.log(`clean room: the same again: --seed ${seed}`);
const passed = accounts.map((account) => passes(account));
process.exit(passed.every(Boolean) ? 0 : 1);

function passes(account) {
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
    const { status } = spawnSync(
      "unshare",
      [...namespaces, "--fork", "--kill-child=KILL", "bash", script, "enter", room, account].concat(
        commands,
      ),
      { stdio: ["ignore", "inherit", "inherit"] },
    );
    const minutes = ((Date.now() - begun) / 60_000).toFixed(1);
    console.log(
      `clean room: ${account}: ${status === 0 ? "passed" : "FAILED"}, seed ${seed}, ${minutes} min`,
    );
    return status === 0;
  } finally {
    rmSync(room, { recursive: true, force: true });
  }
}
