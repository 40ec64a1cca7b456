import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { InvalidInventory, lastLines } from "../../engine/index.js";
import type { Inventory } from "./inventory.js";
import { isMapping, type Value } from "./value.js";

const run = promisify(execFile);
const mostOutput = 64 * 1024 * 1024;

/**
 * The inventory has what the program prints when it is asked for `--list`, and, where that does not
 * tell the hosts' variables, for `--host` of each.
 *
 * @throws InvalidInventory
 */
export async function readProgram(
  file: string,
  shown: string,
  inventory: Inventory,
): Promise<void> {
  const { _meta: meta, ...groups } = await answer(file, shown, "--list");
  const known = isMapping(meta) ? meta.hostvars : undefined;
  const hosts = new Set<string>();
  for (const [name, group] of Object.entries(groups)) {
    for (const host of addGroup(name, group, inventory, shown)) hosts.add(host);
  }
  for (const host of hosts) {
    const vars = isMapping(known) ? known[host] : await answer(file, shown, "--host", host);
    if (isMapping(vars)) inventory.setHostVars(host, Object.entries(vars));
  }
}

/** Errors repeat nothing of the answer: passwords may be in it. */
async function answer(file: string, at: string, ...words: readonly string[]) {
  const { stdout } = await run(file, words, { maxBuffer: mostOutput }).catch(
    (error: Error & { readonly stderr?: string }) => {
      const facts = {
        at,
        command: [at, ...words].join(" "),
        output: lastLines(error.stderr || error.message),
      };
      throw new InvalidInventory("the program fails", facts, { cause: error });
    },
  );
  const value = parsed(stdout);
  if (isMapping(value)) return value;
  throw new InvalidInventory("the program prints no JSON object", { at });
}

/** Undefined: it is no JSON. Of a host without variables some programs print nothing. */
function parsed(stdout: string): Value | undefined {
  if (stdout.trim() === "") return {};
  try {
    return JSON.parse(stdout) as Value;
  } catch {
    return undefined;
  }
}

/** Adds the group. @returns the hosts it names */
function addGroup(name: string, group: Value, inventory: Inventory, at: string): readonly string[] {
  const isWhole = isMapping(group) && ["hosts", "vars", "children"].some((key) => key in group);
  // Older forms: a list of hosts; or variables of a host of that name.
  const {
    hosts = [],
    vars = {},
    children = [],
  }: { readonly [key: string]: Value } = isMapping(group)
    ? isWhole
      ? group
      : { hosts: [name], vars: group }
    : { hosts: group };
  if (!isNames(hosts) || !isNames(children) || !isMapping(vars)) {
    throw new InvalidInventory(`the program prints a group ${name} that is none`, { at });
  }
  inventory.group(name);
  for (const host of hosts) inventory.addHost(host, name);
  for (const [key, value] of Object.entries(vars)) inventory.setGroupVar(name, key, value);
  for (const child of children) inventory.addChild(name, child);
  return hosts;
}

function isNames(value: Value): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}
