import type { Value, Vars } from "./value.js";

/** A group of hosts while an inventory is being read. */
export interface Group {
  readonly name: string;
  readonly vars: Vars;
  readonly hosts: Set<string>;
  readonly parents: Set<Group>;
  /** Among groups of the same depth, the greater one's variables win. */
  priority: number;
}

/** Groups, hosts and their variables, as they are read from one file after the other. */
export class Inventory {
  readonly groups = new Map<string, Group>();
  /** Variables by host, in the order in which the hosts are met. */
  readonly hosts = new Map<string, Vars>();

  constructor() {
    this.addChild("all", "ungrouped");
  }

  group(name: string): Group {
    const known = this.groups.get(name);
    if (known) return known;
    const group = {
      name,
      vars: new Map(),
      hosts: new Set<string>(),
      parents: new Set<Group>(),
      priority: 1,
    };
    this.groups.set(name, group);
    return group;
  }

  addHost(name: string, group: string, port?: number): void {
    if (!this.hosts.has(name)) {
      this.hosts.set(name, new Map(port === undefined ? [] : [["ansible_port", port]]));
    }
    this.group(group).hosts.add(name);
  }

  setHostVars(name: string, vars: Iterable<readonly [string, Value]>): void {
    for (const [key, value] of vars) this.hosts.get(name)?.set(key, value);
  }

  setGroupVar(name: string, key: string, value: Value): void {
    const group = this.group(name);
    if (key !== "ansible_group_priority") {
      group.vars.set(key, value);
      return;
    }
    group.priority = Math.trunc(Number(value));
    if (Number.isNaN(group.priority)) throw new RangeError(`${key} of ${name} is no number`);
  }

  /** @throws RangeError when the one is in the other already, the other way round */
  addChild(parent: string, child: string): void {
    if (parent === child || above(this.group(parent)).has(this.group(child))) {
      throw new RangeError(
        `the group ${child} is to be in ${parent}, and ${parent} is in ${child}`,
      );
    }
    this.group(child).parents.add(this.group(parent));
  }

  /** Every group is in `all`, and in `ungrouped` are the hosts that are in no other. */
  complete(): void {
    const [all, ungrouped] = [this.group("all"), this.group("ungrouped")];
    for (const group of this.groups.values()) {
      if (group !== all && group.parents.size === 0) group.parents.add(all);
    }
    ungrouped.hosts.clear();
    for (const name of this.hosts.keys()) {
      if (this.groupsOf(name).every((group) => group === all)) ungrouped.hosts.add(name);
    }
  }

  /** The groups a host is in, by themselves or by their parents; variables of later ones win. */
  groupsOf(host: string): readonly Group[] {
    const direct = [...this.groups.values()].filter(({ hosts }) => hosts.has(host));
    const all = new Set(direct.flatMap((group) => [group, ...above(group)]));
    const depths = new Map([...all].map((group) => [group, depthOf(group)]));
    return [...all].sort(
      (a, b) =>
        (depths.get(a) ?? 0) - (depths.get(b) ?? 0) ||
        a.priority - b.priority ||
        (a.name < b.name ? -1 : 1),
    );
  }
}

function above(group: Group): Set<Group> {
  const found = new Set(group.parents);
  // What is added while a set is gone through is gone through too.
  for (const parent of found) for (const one of parent.parents) found.add(one);
  return found;
}

/** The length of the longest way up. */
function depthOf(group: Group): number {
  return Math.max(0, ...[...group.parents].map((parent) => 1 + depthOf(parent)));
}
