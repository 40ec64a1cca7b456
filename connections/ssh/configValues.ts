import type { RawConfig } from "./configFile.js";
import { localAccount } from "./localAccount.js";
import { splitWords } from "./sshConfigSyntax.js";
import { expand, type TokenValues } from "./tokens.js";

/** The values of a configuration by keyword: as `ssh -G` prints them, or as they stand in files. */
export class ConfigValues {
  readonly raw: RawConfig;
  readonly resolvedBy: "ssh" | "files";
  /** What the `%` tokens in paths stand for. */
  readonly tokens: TokenValues;

  constructor(host: string, raw: RawConfig, resolvedBy: "ssh" | "files") {
    this.raw = raw;
    this.resolvedBy = resolvedBy;
    this.tokens = {
      originalHost: host,
      hostname: (this.one("hostname") ?? host).replaceAll("%h", host).toLowerCase(),
      port: Number(this.one("port") ?? 22),
      user: this.one("user") ?? localAccount().name,
      hostKeyAlias: this.one("hostkeyalias"),
    };
  }

  /** The first value of the keyword as it stands. */
  first(keyword: string): string | undefined {
    return this.raw.get(keyword)?.[0];
  }

  /** The first value of the keyword, a word; undefined where it is `none`. */
  one(keyword: string): string | undefined {
    const value = this.first(keyword);
    const plain = value === undefined ? "" : this.#word(value);
    return plain === "" || isNone(plain) ? undefined : plain;
  }

  flag(keyword: string, otherwise: boolean): boolean {
    const value = this.one(keyword)?.toLowerCase();
    return value === undefined ? otherwise : ["yes", "true"].includes(value);
  }

  /** So many seconds, minutes or hours, in milliseconds. */
  duration(keyword: string): number | undefined {
    const match = /^(\d+)([smh]?)$/i.exec(this.one(keyword) ?? "");
    if (!match) return undefined;
    const unit = { s: 1, m: 60, h: 3600 }[match[2]?.toLowerCase() || "s"] ?? 1;
    return Number(match[1]) * unit * 1000;
  }

  /** The paths of a keyword that may be given several times. */
  paths(keyword: string, otherwise: readonly string[]): string[] {
    const given = this.raw.get(keyword)?.map((value) => this.#word(value)) ?? otherwise;
    return this.#expanded(given.filter((path) => path !== ""));
  }

  /** The paths in the one value of a keyword. */
  pathList(keyword: string, otherwise: string): string[] {
    const value = this.first(keyword) ?? otherwise;
    // `ssh -G` joins paths with blanks and quotes none; every path in its list is absolute or `none`.
    const isPlain = this.resolvedBy === "ssh";
    return this.#expanded(isPlain ? value.split(/ (?=[/~]|none$)/) : splitWords(value));
  }

  /** The path of the agent's socket, or the one in a variable. */
  agentSocket(): string | undefined {
    const plain = this.resolvedBy === "files" ? this.one("identityagent") : undefined;
    const value = plain ?? this.first("identityagent") ?? "SSH_AUTH_SOCK";
    if (isNone(value)) return undefined;
    const variable = value === "SSH_AUTH_SOCK" ? value : /^\$([A-Za-z_]\w*)$/.exec(value)?.[1];
    return (variable ? process.env[variable] : expand(value, this.tokens)) || undefined;
  }

  /** `ssh -G` prints a path as it is, with its blanks. */
  #word(value: string): string {
    return this.resolvedBy === "ssh" ? value : (splitWords(value)[0] ?? "");
  }

  #expanded(paths: readonly string[]): string[] {
    return paths.filter((path) => !isNone(path)).map((path) => expand(path, this.tokens));
  }
}

function isNone(value: string): boolean {
  return value.toLowerCase() === "none";
}
