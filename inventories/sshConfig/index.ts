import { readFileSync } from "node:fs";
import path from "node:path";
import {
  filesIncluded,
  localAccount,
  matchesPatterns,
  settingIn,
  splitWords,
} from "../../connections/ssh/shared.js";
import { besideCaller, InvalidInventory } from "../../engine/index.js";

/** A host of an ssh_config. */
export interface SshConfigHost {
  /** What `ssh` calls it. */
  readonly name: string;
  /** What `ssh(…)` takes; all else comes from the file. */
  readonly ssh: { readonly host: string; readonly configFile?: string };
}

/** As in OpenSSH: deep enough for people, shallow enough to end a loop. */
const maxDepth = 16;

/**
 * The hosts that an ssh_config calls by name, in its order, with those of the files it includes:
 * patterns with `*` or `?`, what is left out with `!`, and `Match` say nothing about which hosts there are.
 *
 * To be called in `hostsFrom(…)`: where a Node image runs there is no ssh_config. A relative path
 * starts where the file is that calls this.
 *
 * @param options.file instead of the user's and the system's
 * @param options.match only hosts of which it matches the name
 * @throws InvalidInventory when a file cannot be read
 */
export function sshConfigHosts(
  options: { readonly file?: string; readonly match?: RegExp } = {},
): readonly SshConfigHost[] {
  const { file, match } = options;
  const configFile = file === undefined ? undefined : besideCaller(file);
  const folder = path.join(localAccount().home, ".ssh");
  const names = new Set<string>();
  const reading = { names, folder, within: [], depth: 0 };
  if (configFile !== undefined) read(configFile, { ...reading, required: true });
  else {
    read(path.join(folder, "config"), reading);
    read("/etc/ssh/ssh_config", { ...reading, folder: "/etc/ssh" });
  }
  return [...names]
    .filter((name) => match === undefined || name.search(match) >= 0)
    .map((name) => ({
      name,
      ssh: { host: name, ...(configFile === undefined ? {} : { configFile }) },
    }));
}

interface Reading {
  readonly names: Set<string>;
  /** Where a relative `Include` is looked for. */
  readonly folder: string;
  /** The patterns of the `Host` lines around the `Include`: a host has to match all of them. */
  readonly within: readonly (readonly string[])[];
  readonly depth: number;
  readonly required?: boolean;
}

function read(file: string, reading: Reading): void {
  const { names, within } = reading;
  let around = within;
  for (const line of textOf(file, reading).split(/\r?\n/)) {
    const { keyword, value } = settingIn(line) ?? { keyword: "", value: "" };
    const words = splitWords(value.replace(/(^|\s)#.*/, ""));
    if (keyword === "host") {
      around = [...within, words];
      for (const name of words) {
        const isName = !/[*?!]/.test(name);
        if (isName && around.every((patterns) => matchesPatterns(patterns, name))) names.add(name);
      }
    } else if (keyword === "match") {
      // What it is about cannot be told without a host.
      around = [...within, []];
    } else if (keyword === "include") include(words, { ...reading, within: around });
  }
}

function textOf(file: string, { required = false }: Reading): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException; // readFileSync throws nothing else
    if (code === "ENOENT" && !required) return "";
    throw new InvalidInventory(`${file} cannot be read: ${message}`, {}, { cause: error });
  }
}

function include(patterns: readonly string[], reading: Reading): void {
  const depth = reading.depth + 1;
  if (depth > maxDepth) {
    throw new InvalidInventory("the Include directives of ssh_config are nested too deeply");
  }
  for (const pattern of patterns) {
    for (const file of filesIncluded(pattern, reading.folder)) {
      read(file, { ...reading, depth, required: false });
    }
  }
}
