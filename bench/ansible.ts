import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import type { Testbed } from "../spec/testbed/index.js";
import { offerPackages } from "../spec/testbed/packages.js";

/** Ansible's command, where it is installed. */
export function hasAnsible(): boolean {
  return spawnSync("ansible-playbook", ["--version"]).status === 0;
}

/** Ansible needs Python on the bed's first host. */
export async function prepareForAnsible(bed: Testbed): Promise<void> {
  await offerPackages(bed.host(0), "python3");
  await bed.host(0).shell("apt-get -qq install --yes --no-install-recommends python3");
}

/** Runs Ansible with pipelining on the bed's first host: these files have these contents. */
export function ansibleRun(
  bed: Testbed,
  directory: string,
  files: Readonly<Record<string, string>>,
): () => void {
  const tasks = Object.entries(files).map(([dest, content]) => ({
    "ansible.builtin.copy": { dest, content },
  }));
  // YAML reads JSON.
  const playbook = [{ hosts: "all", gather_facts: false, tasks }];
  const at = (name: string) => path.join(directory, name);
  writeFileSync(at("playbook.yml"), JSON.stringify(playbook));
  writeFileSync(at("inventory"), `${bed.host(0).name} ansible_user=root\n`);
  const ssh = `-F ${bed.sshConfigFile} -o ControlMaster=auto -o ControlPersist=60s`;
  const lines = ["[ssh_connection]", "pipelining = True", `ssh_args = ${ssh}`, ""];
  writeFileSync(at("ansible.cfg"), lines.join("\n"));
  return () => {
    execFileSync("ansible-playbook", ["-i", at("inventory"), at("playbook.yml")], {
      env: { ...process.env, ANSIBLE_CONFIG: at("ansible.cfg"), ANSIBLE_LOCALHOST_WARNING: "0" },
      // The connection that it keeps would hold a pipe open, for a minute.
      stdio: "ignore",
    });
  };
}
