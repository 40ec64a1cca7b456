import { readdirSync, statSync } from "node:fs";
import path from "node:path";
import { refusing } from "./refusal.js";
import { readText } from "./sources.js";
import { isMapping, type Value } from "./value.js";
import { parseYaml } from "./yaml.js";

const extensions = ["", ".yml", ".yaml", ".json"];

type Entries = readonly (readonly [name: string, value: Value])[];

/** The directories `group_vars` and `host_vars` beside an inventory, or in one that is a directory. */
export class VarsFiles {
  readonly #directory: string;
  readonly #ofGroups = new Map<string, Promise<Entries>>();

  constructor(inventory: string) {
    this.#directory = isDirectory(inventory) ? inventory : path.dirname(inventory);
  }

  /** Read once, however many hosts are in the group. @throws InvalidInventory */
  ofGroup(name: string): Promise<Entries> {
    const known = this.#ofGroups.get(name) ?? varsNamed(this.#directory, "group_vars", name);
    this.#ofGroups.set(name, known);
    return known;
  }

  /** @throws InvalidInventory */
  ofHost(name: string): Promise<Entries> {
    return varsNamed(this.#directory, "host_vars", name);
  }
}

/** What is in the file of that name, or in all files in the directory of that name. */
async function varsNamed(directory: string, folder: string, name: string): Promise<Entries> {
  // Hosts may be called like a directory, for chroots.
  if (name.startsWith("/")) return [];
  const found = extensions
    .map((extension) => path.join(directory, folder, name + extension))
    .find(exists);
  const files = found === undefined ? [] : isDirectory(found) ? filesBelow(found) : [found];
  const vars: (readonly [string, Value])[] = [];
  for (const file of files) vars.push(...(await varsIn(file)));
  return vars;
}

async function varsIn(file: string): Promise<Entries> {
  const shown = path.relative("", file);
  const value = await parseYaml(readText(file, shown), shown);
  return refusing(shown, () => {
    if (!value) return [];
    if (isMapping(value)) return Object.entries(value);
    throw new SyntaxError("expected variables by name");
  });
}

/** As Ansible has it: directories without an extension are gone into. */
function filesBelow(directory: string): readonly string[] {
  const names = readdirSync(directory).filter((name) => !/^\.|~$/.test(name));
  return names.sort().flatMap((name) => {
    const file = path.join(directory, name);
    const extension = path.extname(name);
    if (isDirectory(file)) return extension === "" ? filesBelow(file) : [];
    return extensions.includes(extension) ? [file] : [];
  });
}

function exists(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false }) !== undefined;
}

function isDirectory(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
