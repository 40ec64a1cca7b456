import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { type ErrorFacts, HostKeyRefused } from "../../engine/errors.js";
import { matchesPatterns } from "../../engine/patterns.js";
import { type PublicKey, publicKeyInText } from "./keys.js";

/** A line of a known_hosts file. */
export interface KnownHostsLine {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
}

interface Entry extends KnownHostsLine {
  readonly marker: "key" | "cert-authority" | "revoked";
  readonly matches: (name: string) => boolean;
  readonly key: PublicKey;
}

/** What the known_hosts files say about a key that a host showed. */
export type Verdict =
  | { readonly is: "known"; readonly where: KnownHostsLine }
  | { readonly is: "unknown" }
  /** The host is known by other keys only; `where` is the first of them. */
  | { readonly is: "changed"; readonly where: KnownHostsLine; readonly known: PublicKey }
  | { readonly is: "revoked"; readonly where: KnownHostsLine };

/** The names a host has in known_hosts: the one looked for, and the one that also counts. */
export interface HostNames {
  /** `name`, `[name]:port` or the alias: as a new line would begin. */
  readonly name: string;
  /** For another port than 22, the plain name: a key found there counts, others do not. */
  readonly plain: string | undefined;
}

/** The names under which a host at a port is looked for, as OpenSSH does. */
export function hostNames(hostname: string, port: number, alias?: string): HostNames {
  if (alias !== undefined) return { name: alias.toLowerCase(), plain: undefined };
  const host = hostname.toLowerCase();
  return port === 22
    ? { name: host, plain: undefined }
    : { name: `[${host}]:${port}`, plain: host };
}

/** The content of known_hosts files. */
export class KnownHosts {
  readonly #entries: readonly Entry[];
  /** The files that were asked for, there or not. */
  readonly files: readonly string[];
  /** Lines that were skipped because they are not understood. */
  readonly malformed: readonly KnownHostsLine[];

  /** For {@link readKnownHosts}. */
  constructor(
    files: readonly string[],
    entries: readonly Entry[],
    malformed: readonly KnownHostsLine[],
  ) {
    this.files = files;
    this.#entries = entries;
    this.malformed = malformed;
  }

  /** Whether the host is known by this key. All that is not `known` is to be refused. */
  verdict(names: HostNames, blob: Buffer): Verdict {
    const all = names.plain === undefined ? [names.name] : [names.name, names.plain];
    const same = (entry: Entry) => entry.key.blob.equals(blob);
    const revoked = this.#about(all, "revoked").find(same);
    if (revoked) return { is: "revoked", where: place(revoked) };
    const own = this.#about([names.name], "key");
    const known = own.find(same);
    if (known) return { is: "known", where: place(known) };
    const [other] = own;
    if (other) return { is: "changed", where: place(other), known: other.key };
    const elsewhere = this.#about(all, "key").find(same);
    return elsewhere ? { is: "known", where: place(elsewhere) } : { is: "unknown" };
  }

  /** The types of the keys by which the host is known, e.g. `ssh-ed25519`. */
  keyTypes(names: HostNames): ReadonlySet<string> {
    const own = this.#about([names.name], "key");
    const found =
      own.length > 0 || names.plain === undefined ? own : this.#about([names.plain], "key");
    return new Set(found.map((entry) => entry.key.type));
  }

  /** The certificate authority's line, when nothing but such lines covers the host. */
  onlyAuthority(names: HostNames): KnownHostsLine | undefined {
    const all = names.plain === undefined ? [names.name] : [names.name, names.plain];
    if (this.#about(all, "key").length > 0) return undefined;
    const [authority] = this.#about(all, "cert-authority");
    return authority && place(authority);
  }

  #about(names: readonly string[], marker: Entry["marker"]): Entry[] {
    return this.#entries.filter((entry) => entry.marker === marker && names.some(entry.matches));
  }
}

function place({ file, line }: KnownHostsLine): KnownHostsLine {
  return { file, line };
}

/**
 * Reads known_hosts files. A file that is not there says nothing; a line that is not understood
 * says nothing and is remembered. `facts` go into the error.
 *
 * @throws HostKeyRefused when a file is there and cannot be read: it may hold a revocation.
 */
export function readKnownHosts(files: readonly string[], facts: ErrorFacts = {}): KnownHosts {
  const parsed = files.map((file) => linesOf(file, readText(file, facts)));
  return new KnownHosts(
    files,
    parsed.flatMap(({ entries }) => entries),
    parsed.flatMap(({ malformed }) => malformed),
  );
}

/** What a file says, and in which text. */
interface Lines {
  readonly text: string;
  readonly entries: readonly Entry[];
  readonly malformed: readonly KnownHostsLine[];
}

/** Hosts of a fleet have mostly the same files, and these a line for each of them. */
const parsedFiles = new Map<string, Lines>();

function linesOf(file: string, text: string): Lines {
  const known = parsedFiles.get(file);
  if (known?.text === text) return known;
  const entries: Entry[] = [];
  const malformed: KnownHostsLine[] = [];
  text.split("\n").forEach((line, index) => {
    const content = line.trim();
    if (content === "" || content.startsWith("#")) return;
    const where = { file, line: index + 1 };
    const entry = parseLine(content, where);
    if (entry) entries.push(entry);
    else malformed.push(where);
  });
  const lines = { text, entries, malformed };
  parsedFiles.set(file, lines);
  return lines;
}

function readText(file: string, facts: ErrorFacts): string {
  try {
    return readFileSync(file, "latin1");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return "";
    throw new HostKeyRefused(`${file} cannot be read (${code}), so no host key can be checked`, {
      ...facts,
      file,
      errno: code,
      reason: "unreadable",
      hint: `make ${file} readable, or name other files`,
    });
  }
}

function parseLine(content: string, where: KnownHostsLine): Entry | undefined {
  const match = /^(?:@(\S+)[ \t]+)?(\S+)[ \t]+(\S.*)$/.exec(content);
  const key = publicKeyInText(match?.[3] ?? "");
  const marker = match?.[1] ?? "key";
  const matches = matcher(match?.[2] ?? "");
  if (!key || !matches) return undefined;
  if (marker !== "cert-authority" && marker !== "revoked" && match?.[1] !== undefined)
    return undefined;
  return { ...where, marker: marker as Entry["marker"], matches, key };
}

function matcher(hosts: string): ((name: string) => boolean) | undefined {
  if (!hosts.startsWith("|")) {
    const patterns = hosts.split(",").filter((pattern) => pattern !== "");
    return (name) => matchesPatterns(patterns, name);
  }
  const match = /^\|1\|([A-Za-z0-9+/]+={0,2})\|([A-Za-z0-9+/]+={0,2})$/.exec(hosts);
  if (!match) return undefined;
  const salt = Buffer.from(match[1] ?? "", "base64");
  const hash = Buffer.from(match[2] ?? "", "base64");
  if (salt.length !== 20 || hash.length !== 20) return undefined;
  return (name) => hashName(name, salt).equals(hash);
}

/** The HMAC-SHA1 under which `HashKnownHosts` stores a name. */
export function hashName(name: string, salt: Buffer): Buffer {
  return createHmac("sha1", salt).update(name).digest();
}
