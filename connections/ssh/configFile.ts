import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ConnectionFailed } from "../../engine/index.js";
import { localAccount } from "./localAccount.js";
import type { SshOptions } from "./options.js";
import { filesIncluded, matchesPatterns, settingIn, splitWords } from "./sshConfigSyntax.js";

/** ssh_config settings by lower-case keyword, each with its values as written, in order. */
export type RawConfig = Map<string, string[]>;

/** Keywords of which every occurrence counts; of all others the first one. */
const cumulative = new Set(["identityfile", "certificatefile"]);
/** How deep `Include` may nest, as in OpenSSH: deep enough for people, shallow enough to end a loop. */
const maxDepth = 16;

/**
 * The settings for a host read from the ssh_config files, for machines without an `ssh` program.
 *
 * `Host`, `Include` and the criteria `all`, `host`, `originalhost`, `user` and `localuser` of
 * `Match` (negated too) are understood.
 *
 * @throws ConnectionFailed when something is met that only `ssh -G` can resolve.
 */
export function readConfigFiles(options: SshOptions): RawConfig {
  return readLines(options).raw;
}

/** What the files say of a host. */
export interface Said {
  readonly raw: RawConfig;
  /** Every line that applies to it, also where an earlier one counts. */
  readonly applied: readonly Setting[];
  /** Whether it is surely so: every line was understood that decides on others. */
  readonly isClear: boolean;
}

/** As {@link readConfigFiles}, and in which lines. */
export function readLines(options: SshOptions): Said {
  const raw: RawConfig = new Map();
  const said = { raw, applied: [], isClear: true };
  if (options.user !== undefined) raw.set("user", [options.user]);
  if (options.port !== undefined) raw.set("port", [String(options.port)]);
  if (options.identityFile !== undefined) raw.set("identityfile", [options.identityFile]);
  const { home } = localAccount();
  const userFolder = join(home, ".ssh");
  const reading = { raw, said, options, depth: 0 };
  if (options.configFile !== undefined) {
    readFile(options.configFile, { ...reading, folder: userFolder, required: true });
  } else {
    readFile(join(userFolder, "config"), { ...reading, folder: userFolder });
    readFile("/etc/ssh/ssh_config", { ...reading, folder: "/etc/ssh" });
  }
  return said;
}

interface Reading {
  readonly raw: RawConfig;
  readonly said: { readonly applied: Setting[]; isClear: boolean };
  readonly options: SshOptions;
  /** Where a relative `Include` is looked for. */
  readonly folder: string;
  readonly depth: number;
  readonly required?: boolean;
}

function readFile(path: string, reading: Reading): void {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    if (missing && !reading.required) return;
    throw new ConnectionFailed(`${path} cannot be read: ${(error as Error).message}`, {
      host: reading.options.host,
    });
  }
  let active = true;
  const { settings, isClear } = settingsIn(path, text);
  if (!isClear) reading.said.isClear = false;
  for (const setting of settings) {
    const { keyword, value, number } = setting;
    if (keyword === "host") {
      active = matchesPatterns(splitWords(value), reading.options.host);
    } else if (keyword === "match") {
      active = matchesCriteria(splitWords(value), reading, `${path} line ${number}`);
    } else if (active && keyword === "include") {
      include(splitWords(value), reading);
    } else if (active) {
      reading.said.applied.push(setting);
      set(keyword, value, reading, `${path} line ${number}`);
    }
  }
}

/** A line that says something. */
export interface Setting {
  readonly keyword: string;
  readonly value: string;
  readonly number: number;
}

/** What a file says, and in which text. */
interface Settings {
  readonly text: string;
  readonly settings: readonly Setting[];
  /** Whether nothing in it may be meant in another way than we understand it. */
  readonly isClear: boolean;
}

/** Hosts of a fleet have mostly the same files, and these a few lines for each of them. */
const parsedFiles = new Map<string, Settings>();

function settingsIn(path: string, text: string): Settings {
  const known = parsedFiles.get(path);
  if (known?.text === text) return known;
  const settings: Setting[] = [];
  let isClear = true;
  text.split(/\r?\n/).forEach((line, index) => {
    const setting = settingIn(line);
    if (!setting) {
      isClear &&= /^\s*(#|$)/.test(line);
      return;
    }
    const { keyword, value } = setting;
    settings.push({ ...setting, number: index + 1 });
    // Letters are compared in more than one way, and quotes and comments end in more than one place.
    isClear &&= !["host", "match", "include"].includes(keyword) || !/[A-Z"'#\\[{=]/.test(value);
  });
  const found = { text, settings, isClear };
  parsedFiles.set(path, found);
  return found;
}

function set(keyword: string, value: string, { raw, options }: Reading, place: string): void {
  if (keyword === "canonicalizehostname" && !/^no$/i.test(value)) {
    throw needsSsh(options.host, place, "CanonicalizeHostname");
  }
  // The first of these two wins, whichever it is.
  if (keyword === "proxyjump" && raw.has("proxycommand")) return;
  if (keyword === "proxycommand" && raw.has("proxyjump")) return;
  const known = raw.get(keyword);
  if (!known) raw.set(keyword, [value]);
  else if (cumulative.has(keyword)) known.push(value);
}

function include(patterns: readonly string[], reading: Reading): void {
  if (reading.depth >= maxDepth) {
    throw new ConnectionFailed("the Include directives of ssh_config are nested too deeply", {
      host: reading.options.host,
    });
  }
  for (const pattern of patterns) {
    for (const file of filesIncluded(pattern, reading.folder)) {
      readFile(file, { ...reading, depth: reading.depth + 1, required: false });
    }
  }
}

function matchesCriteria(words: readonly string[], reading: Reading, place: string): boolean {
  const { raw, options } = reading;
  const account = localAccount().name;
  const user = raw.get("user")?.[0] ?? account;
  const hostname = (raw.get("hostname")?.[0] ?? options.host).replaceAll("%h", options.host);
  const subjects: Record<string, string> = {
    host: hostname,
    originalhost: options.host,
    user,
    localuser: account,
  };
  let result = true;
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? "";
    const negated = word.startsWith("!");
    const criterion = word.slice(negated ? 1 : 0).toLowerCase();
    if (criterion === "all") {
      result &&= !negated;
      continue;
    }
    const subject = subjects[criterion];
    // A block that does not apply anyway is no reason to ask `ssh`.
    if (subject === undefined && !result) return false;
    if (subject === undefined) throw needsSsh(options.host, place, `Match ${criterion}`);
    const patterns = (words[++index] ?? "").split(",");
    result &&= matchesPatterns(patterns, subject) !== negated;
  }
  return result;
}

function needsSsh(host: string, place: string, feature: string): ConnectionFailed {
  return new ConnectionFailed(
    `${place}: ${feature} can only be resolved by the ssh program, which is not installed here`,
    { host, missing: feature, hint: "install the OpenSSH client" },
  );
}
