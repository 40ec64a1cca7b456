import { besideCaller } from "../../engine/index.js";
import { type Connection, connectionOf } from "./connection.js";
import { Inventory } from "./inventory.js";
import { readSource } from "./sources.js";
import type { Value, Vars } from "./value.js";
import { VarsFiles } from "./varsFiles.js";

export type { AnsibleSsh, Connection } from "./connection.js";
export type { Value } from "./value.js";

/** A host of an Ansible inventory. */
export interface AnsibleHost extends Connection {
  /** What the inventory calls it. */
  readonly name: string;
  /** The groups it is in, by themselves or by their parents, sorted; `all` is left out. */
  readonly groups: readonly string[];
  /** Its variables, those of its groups among them, as they are: templates are not filled in. */
  readonly vars: Readonly<Record<string, Value>>;
}

/**
 * The hosts of an Ansible inventory, in its order: of an INI or YAML file, a program that prints JSON, or
 * a directory of such, with what is in `group_vars` and `host_vars` beside it. Ansible need not be
 * installed. A relative path starts where the file is that calls this.
 *
 * To be called in `hostsFrom(…)`: where a Node image runs there is no inventory.
 *
 * @throws InvalidInventory, which names the file and the line
 */
export async function ansibleInventory(inventory: string): Promise<readonly AnsibleHost[]> {
  const source = besideCaller(inventory);
  const read = new Inventory();
  await readSource(source, read);
  read.complete();
  const files = new VarsFiles(source);
  const hosts: AnsibleHost[] = [];
  for (const [name, own] of read.hosts) {
    const groups = read.groupsOf(name);
    const vars: Vars = new Map();
    const set = (all: Iterable<readonly [string, Value]>) => {
      for (const [key, value] of all) vars.set(key, value);
    };
    for (const group of groups) set(group.vars);
    for (const group of groups) set(await files.ofGroup(group.name));
    set(own);
    set(await files.ofHost(name));
    const all = Object.fromEntries(vars);
    const names = groups.map((group) => group.name).filter((group) => group !== "all");
    hosts.push({ name, groups: names.sort(), vars: all, ...connectionOf(name, all) });
  }
  return hosts;
}
