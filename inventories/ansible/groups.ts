import { expandHostPattern } from "./hostPattern.js";
import type { Inventory } from "./inventory.js";
import { isMapping, type Value } from "./value.js";

/**
 * The inventory has the groups that a YAML inventory says. Like Ansible, this leaves out members that
 * mean nothing.
 *
 * @throws SyntaxError, RangeError
 */
export function addGroups(groups: Value, inventory: Inventory): void {
  if (!isMapping(groups)) throw new SyntaxError("expected groups by name");
  if (groups.plugin) {
    throw new SyntaxError(
      "this configures an inventory plugin: have `ansible-inventory --list` write what it gives, and read that",
    );
  }
  for (const [name, group] of Object.entries(groups)) addGroup(name, group, inventory);
}

function addGroup(name: string, group: Value, inventory: Inventory): void {
  if (group !== null && !isMapping(group)) return;
  inventory.group(name);
  for (const [key, value] of Object.entries(membersOf(name, "vars", group))) {
    inventory.setGroupVar(name, key, value);
  }
  for (const [child, inside] of Object.entries(membersOf(name, "children", group))) {
    addGroup(child, inside, inventory);
    if (inventory.groups.has(child)) inventory.addChild(name, child);
  }
  for (const [pattern, vars] of Object.entries(membersOf(name, "hosts", group))) {
    if (vars && !isMapping(vars)) throw new SyntaxError(`${pattern}: expected variables by name`);
    const { names, port } = expandHostPattern(pattern);
    for (const host of names) {
      inventory.addHost(host, name, port);
      inventory.setHostVars(host, Object.entries(vars || {}));
    }
  }
}

/** The members of one sort; a single one may be said by its name alone. */
function membersOf(name: string, sort: string, group: Value): { readonly [name: string]: Value } {
  const members = isMapping(group) ? (group[sort] ?? {}) : {};
  if (typeof members === "string") return { [members]: null };
  if (isMapping(members)) return members;
  throw new SyntaxError(`${sort} of ${name}: expected members by name`);
}
