import { readFileSync } from "node:fs";
import { type ErrorFacts, HostKeyRefused } from "../../engine/index.js";
import { FileMemo } from "./fileMemo.js";
import type { PublicKey } from "./keys.js";
import { type Entry, KnownHostsFile, type KnownHostsLine } from "./knownHostsFile.js";

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
  /** The files that were asked for, there or not. */
  readonly files: readonly string[];
  readonly #contents: readonly KnownHostsFile[];
  /** What was found: a line whose names are hashed has to be hashed for each name. */
  readonly #found = new Map<string, readonly Entry[]>();

  /** Called by {@link readKnownHosts}. */
  constructor(files: readonly string[], contents: readonly KnownHostsFile[]) {
    this.files = files;
    this.#contents = contents;
  }

  /** Lines that were skipped because they are not understood. */
  get malformed(): readonly KnownHostsLine[] {
    return this.#contents.flatMap(({ malformed }) => malformed);
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

  #about(names: readonly string[], marker: Entry["marker"]): readonly Entry[] {
    return names.flatMap((name) => this.#lines(name)).filter((entry) => entry.marker === marker);
  }

  #lines(name: string): readonly Entry[] {
    let found = this.#found.get(name);
    if (!found) {
      found = this.#contents.flatMap((content) => content.about(name));
      this.#found.set(name, found);
    }
    return found;
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
  return new KnownHosts(
    files,
    files.map((file) => memo.of([file], () => contentOf(file, readText(file, facts)))),
  );
}

/** Hosts of a fleet have mostly the same files, and these a line for each of them. */
const memo = new FileMemo<KnownHostsFile>();
const contents = new Map<string, KnownHostsFile>();

/** The file's content. If lines were added since it was read last, only these are parsed. */
function contentOf(file: string, text: string): KnownHostsFile {
  const known = contents.get(file);
  if (known?.take(text)) return known;
  const content = new KnownHostsFile(file);
  content.take(text);
  contents.set(file, content);
  return content;
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
