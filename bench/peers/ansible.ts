import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Testbed } from "../../spec/testbed/index.js";
import { downloadPackages, offerPackages } from "../../spec/testbed/packages.js";
import { programUsage, type Usage } from "../usage.js";

const forks = 20;

/** Ansible's command, where it is installed. */
export function hasAnsible(): boolean {
  return spawnSync("ansible-playbook", ["--version"]).status === 0;
}

/** Where Mitogen for Ansible is: its directory of strategies; undefined where it is not installed. */
export function findMitogen(): string | undefined {
  const python = "import ansible_mitogen; print(ansible_mitogen.__path__[0])";
  const found = spawnSync("/usr/bin/python3", ["-c", python], { encoding: "utf8" });
  return found.status === 0 ? path.join(found.stdout.trim(), "plugins/strategy") : undefined;
}

/** Ansible needs Python on the hosts. */
export async function prepareForAnsible(hosts: Testbed["hosts"]): Promise<void> {
  // With it the module `apt` need not install it.
  const packages = ["python3", "python3-apt"];
  await downloadPackages(packages);
  for (const host of hosts) await offerPackages(host, ...packages);
  const install = `apt-get -qq install --yes --no-install-recommends ${packages.join(" ")}`;
  const results = await Promise.all(hosts.map((host) => host.shell(install)));
  const failed = results.find(({ code }) => code !== 0);
  if (failed) throw new Error(`${packages.join()} cannot be installed: ${failed.stderr}`);
}

/** Runs Ansible with pipelining on these hosts of the bed; the directory is to keep what it needs. */
export function ansibleRun(
  bed: Testbed,
  hosts: Testbed["hosts"],
  directory: string,
  playbook: string,
  mitogen?: string,
): () => Promise<Usage> {
  mkdirSync(directory);
  const at = (name: string) => path.join(directory, name);
  writeFileSync(at("playbook.yml"), playbook);
  writeFileSync(at("inventory"), hosts.map(({ name }) => `${name} ansible_user=root\n`).join(""));
  const ssh = `-F ${bed.sshConfigFile} -o ControlMaster=auto -o ControlPersist=60s`;
  const python = "interpreter_python = /usr/bin/python3";
  const strategy =
    mitogen === undefined ? [] : [`strategy_plugins = ${mitogen}`, "strategy = mitogen_linear"];
  const defaults = ["[defaults]", `forks = ${forks}`, python, ...strategy];
  const connection = ["[ssh_connection]", "pipelining = True", `ssh_args = ${ssh}`, ""];
  writeFileSync(at("ansible.cfg"), [...defaults, ...connection].join("\n"));
  return () =>
    programUsage("ansible-playbook", ["-i", at("inventory"), at("playbook.yml")], {
      ANSIBLE_CONFIG: at("ansible.cfg"),
      ANSIBLE_LOCALHOST_WARNING: "0",
    });
}
