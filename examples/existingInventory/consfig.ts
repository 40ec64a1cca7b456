/**
 * The machines of an Ansible inventory, which stays where it is: their groups are tags (`consfig deploy
 * @web`), their variables say what they have, and they are reached as Ansible reaches them.
 */
import { type Chain, host, hostsFrom } from "consfigurator";
import { local } from "consfigurator/connections/local";
import { ssh } from "consfigurator/connections/ssh";
import { sudo } from "consfigurator/connections/sudo";
import { type AnsibleHost, ansibleInventory } from "consfigurator/inventories/ansible";
import * as apt from "consfigurator/properties/apt";
import * as file from "consfigurator/properties/file";
import * as fleet from "consfigurator/properties/fleet";
import * as os from "consfigurator/properties/os";
import { z } from "zod";

/** What the variables have to be: a mistake in the inventory is found before any host is contacted. */
const variables = z.object({
  packages: z.array(z.string()).default([]),
  site: z.string().optional(),
});

function chainTo({ ssh: options, isLocal, become }: AnsibleHost): Chain {
  const way = isLocal ? local() : ssh(options);
  return become ? [way, sudo({ user: become.user })] : [way];
}

function machine(known: AnsibleHost) {
  const { name, groups, vars, notes } = known;
  for (const note of notes) console.warn(`${name}: ${note}`);
  const { packages, site } = variables.parse(vars);
  return host(
    name,
    { deploy: chainTo(known) },
    fleet.tagged(...groups),
    os.debianStable("bookworm", "amd64"),
    apt.installed("rsync", ...packages),
    ...(site === undefined ? [] : [file.directoryExists(site, { mode: 0o755 })]),
    file.hasContent("/etc/motd", `${name} is in ${groups.join(", ")}.`),
  );
}

export const machines = hostsFrom(async () => (await ansibleInventory("./inventory")).map(machine));
