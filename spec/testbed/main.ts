import { parseArgs } from "node:util";
import { testbed } from "./index.js";
import { prepareMachine } from "./prepare.js";

const usage = "usage: main.js up HOSTS [--rtt MS] [--systemd]";
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rtt: { type: "string", default: "0" }, systemd: { type: "boolean", default: false } },
});
const [verb, hosts] = positionals;
if (verb !== "up" || !hosts) {
  console.error(usage);
  process.exit(2);
}

await prepareMachine();
const bed = await testbed({
  hosts: Number(hosts),
  rttMs: Number(values.rtt),
  init: values.systemd ? "systemd" : "plain",
});
for (const { name, address } of bed.hosts)
  console.log(`ssh -F ${bed.sshConfigFile} ${name}    # ${address}`);
console.log("users: root (default), admin, alice, noisy; Ctrl-C or end of input ends the bed");

await new Promise((resolve) => {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, resolve);
  process.stdin.once("end", resolve).resume();
});
await bed.down();
process.exit();
