import { accessSync, constants, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { InvalidInventory } from "../../engine/index.js";
import { addGroups } from "./groups.js";
import { readIni } from "./ini.js";
import type { Inventory } from "./inventory.js";
import { readProgram } from "./program.js";
import { refusing } from "./refusal.js";
import { isMapping, type Value } from "./value.js";
import { encrypted, parseYaml } from "./yaml.js";

const ignored =
  /^\.|^(?:host_vars|group_vars|vars_plugins)$|(?:~|\.(?:pyc|pyo|swp|bak|rpm|md|txt|rst|orig|ini|cfg|retry))$/;

/** The inventory has what the file says, or all files in the directory that Ansible does not ignore. */
export async function readSource(source: string, inventory: Inventory): Promise<void> {
  const shown = path.relative("", source);
  const isDirectory = refusing(shown, () => statSync(source).isDirectory());
  if (!isDirectory) return readFile(source, shown, inventory);
  const names = readdirSync(source).filter((name) => !ignored.test(name));
  for (const name of names.sort()) await readSource(path.join(source, name), inventory);
}

async function readFile(file: string, shown: string, inventory: Inventory): Promise<void> {
  const text = readText(file, shown);
  if (/^(?:#!|\x7fELF)/.test(text) && isExecutable(file)) {
    return readProgram(file, shown, inventory);
  }
  const extension = path.extname(file);
  if (extension === ".toml") {
    throw new InvalidInventory("inventories in TOML are not read", {
      at: shown,
      hint: "have `ansible-inventory --list` write it as JSON, and read that",
    });
  }
  const isYaml = /^\.(?:ya?ml|json)$/.test(extension);
  const groups = isYaml || extension === "" ? await yamlIn(text, shown, isYaml) : undefined;
  if (groups === undefined) readIni(text, shown, inventory);
  else refusing(shown, () => addGroups(groups, inventory));
}

/** What the file says in YAML; undefined when it may be something else, and is no mapping. */
async function yamlIn(text: string, shown: string, isYaml: boolean): Promise<Value | undefined> {
  try {
    const value = await parseYaml(text, shown);
    return isYaml || isMapping(value) ? value : undefined;
  } catch (error) {
    if (isYaml) throw error;
    return undefined;
  }
}

/** The text of a file. @throws InvalidInventory when it cannot be read, or is encrypted */
export function readText(file: string, shown: string): string {
  const text = refusing(shown, () => readFileSync(file, "utf8"));
  if (text.startsWith("$ANSIBLE_VAULT;")) throw encrypted(shown);
  return text;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
