import { createHmac } from "node:crypto";
import { type PublicKey, publicKeyInText } from "./keys.js";
import { matchesPatterns } from "./sshConfigSyntax.js";

/** A line of a known_hosts file. */
export interface KnownHostsLine {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
}

/** What such a line says. */
export interface Entry extends KnownHostsLine {
  readonly marker: "key" | "cert-authority" | "revoked";
  readonly key: PublicKey;
}

type Names =
  | { readonly plain: readonly string[] }
  | { readonly matches: (name: string) => boolean };

/** What one file says. Its lines are found by name: a fleet's file has one for each of its hosts. */
export class KnownHostsFile {
  readonly #file: string;
  readonly #byName = new Map<string, Entry[]>();
  readonly #others: { readonly entry: Entry; readonly matches: (name: string) => boolean }[] = [];
  readonly malformed: KnownHostsLine[] = [];
  #text = "";
  #lines = 0;

  constructor(file: string) {
    this.#file = file;
  }

  /**
   * Takes the file's new text. False: the text does not begin with the old one, and nothing was
   * taken.
   */
  take(text: string): boolean {
    if (!text.startsWith(this.#text)) return false;
    // A line that had no end yet may have gone on.
    if (text.length > this.#text.length && this.#text !== "" && !this.#text.endsWith("\n"))
      return false;
    const added = text.slice(this.#text.length).split("\n");
    this.#text = text;
    // After the last newline there is no line.
    if (added.at(-1) === "") added.pop();
    for (const line of added) this.#add(line.trim(), ++this.#lines);
    return true;
  }

  /** The lines about a host of that name, in their order. */
  about(name: string): readonly Entry[] {
    const plain = this.#byName.get(name.toLowerCase()) ?? [];
    const others = this.#others.filter(({ matches }) => matches(name));
    const found = new Set([...plain, ...others.map(({ entry }) => entry)]);
    return [...found].sort((one, other) => one.line - other.line);
  }

  #add(content: string, line: number): void {
    if (content === "" || content.startsWith("#")) return;
    const where = { file: this.#file, line };
    const parsed = parseLine(content, where);
    if (!parsed) {
      this.malformed.push(where);
      return;
    }
    const { entry, names } = parsed;
    if ("matches" in names) {
      this.#others.push({ entry, matches: names.matches });
      return;
    }
    for (const name of names.plain) {
      const known = this.#byName.get(name);
      if (known) known.push(entry);
      else this.#byName.set(name, [entry]);
    }
  }
}

function parseLine(
  content: string,
  where: KnownHostsLine,
): { readonly entry: Entry; readonly names: Names } | undefined {
  const match = /^(?:@(\S+)[ \t]+)?(\S+)[ \t]+(\S.*)$/.exec(content);
  const key = publicKeyInText(match?.[3] ?? "");
  const marker = match?.[1] ?? "key";
  const names = namesIn(match?.[2] ?? "");
  if (!key || !names) return undefined;
  if (marker !== "cert-authority" && marker !== "revoked" && match?.[1] !== undefined)
    return undefined;
  return { entry: { ...where, marker: marker as Entry["marker"], key }, names };
}

function namesIn(hosts: string): Names | undefined {
  if (!hosts.startsWith("|")) {
    const patterns = hosts.split(",").filter((pattern) => pattern !== "");
    if (!/[*?!]/.test(hosts)) return { plain: patterns.map((name) => name.toLowerCase()) };
    return { matches: (name) => matchesPatterns(patterns, name) };
  }
  const match = /^\|1\|([A-Za-z0-9+/]+={0,2})\|([A-Za-z0-9+/]+={0,2})$/.exec(hosts);
  if (!match) return undefined;
  const salt = Buffer.from(match[1] ?? "", "base64");
  const hash = Buffer.from(match[2] ?? "", "base64");
  if (salt.length !== 20 || hash.length !== 20) return undefined;
  return { matches: (name) => hashName(name, salt).equals(hash) };
}

/** The HMAC-SHA1 under which `HashKnownHosts` stores a name. */
export function hashName(name: string, salt: Buffer): Buffer {
  return createHmac("sha1", salt).update(name).digest();
}
