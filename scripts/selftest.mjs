// Prints what this machine and this Node can do with fork(2).
import { spawnSync } from "node:child_process";

await import("./setup.mjs");
const { requiredFlags } = await import("../dist/zygote/preconditions.js");

const program = new URL("../dist/zygote/selftest.js", import.meta.url).pathname;
const run = spawnSync(process.execPath, [...requiredFlags, program], { stdio: "inherit" });
process.exit(run.status ?? 1);
