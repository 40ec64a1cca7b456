import { z } from "zod";
import { type LookingHost, posixProperty } from "../../engine/index.js";
import { findOwnFiles, isDeclared, type OwnFile, writeOwnFiles } from "../file/shared.js";
import * as os from "../os/index.js";
import { updateLists } from "./aptGet.js";
import { fileName, oneWord, uri } from "./names.js";
import { stanza } from "./stanza.js";

const words = z.array(oneWord).min(1);
const source = z.strictObject({
  uris: z.array(uri).min(1),
  suites: words,
  components: words.exactOptional(),
  types: z
    .array(z.enum(["deb", "deb-src"]))
    .min(1)
    .exactOptional(),
  architectures: words.exactOptional(),
  key: z
    .union([z.string().min(1), z.strictObject({ fingerprint: z.string().min(1) })])
    .exactOptional(),
  trusted: z.literal(true).exactOptional(),
});

/** A source of packages besides the distribution's own. */
export interface Source {
  readonly uris: readonly string[];
  /** Names of releases there; of a repository without, a directory: `["./"]`. */
  readonly suites: readonly string[];
  readonly components?: readonly string[];
  /** `["deb"]` by default. */
  readonly types?: readonly ("deb" | "deb-src")[];
  readonly architectures?: readonly string[];
  /**
   * The key that signs it, and that is good for nothing else: its text (`-----BEGIN PGP …`), or
   * prerequisite data (`--pgp-pubkey`, fingerprint). Left out: a key that apt trusts anyway.
   */
  readonly key?: string | { readonly fingerprint: string };
  /** It need not be signed. Only for what nobody else can write to. */
  readonly trusted?: true;
}

/**
 * apt has the source, with its key, and has read what it offers. Unapplied: it has neither. A source
 * that apt cannot read is not left behind.
 *
 * @example apt.additionalSource("tools", { uris: ["https://example.com/apt"], suites: ["stable"],
 *   components: ["main"], key: { fingerprint: "8F3A…" } })
 */
export const additionalSource = posixProperty<[name: string, source: Source]>(
  "apt.additionalSource",
  {
    args: z.tuple([fileName, source]),
    desc: (name) => `source ${name}`,
    hostattrs(attrs, _name, { key }) {
      attrs.require(os.debianlike);
      if (typeof key === "object") attrs.requireData("--pgp-pubkey", plain(key.fingerprint));
    },
    async check(host, name, source) {
      const { key } = source;
      if (typeof key === "object" && !isDeclared(host, "--pgp-pubkey", plain(key.fingerprint))) {
        // It is only unapplied, for which the key is not needed.
        return (await host.exists(sourcePath(name))) && "partly";
      }
      return findOwnFiles(host, await sourceFiles(host, name, source));
    },
    async apply(host, name, source) {
      const files = await sourceFiles(host, name, source);
      await writeOwnFiles(host, files);
      try {
        await updateLists(host);
      } catch (error) {
        await host.remove([sourcePath(name), keyringPath(name)]);
        throw error;
      }
      return "changed";
    },
    async unapply(host, name) {
      await host.remove([sourcePath(name), keyringPath(name)]);
      await updateLists(host);
      return "changed";
    },
  },
);

const sourcePath = (name: string) => `/etc/apt/sources.list.d/${name}.sources`;
const keyringPath = (name: string) => `/etc/apt/keyrings/${name}.asc`;

async function sourceFiles(host: LookingHost, name: string, source: Source): Promise<OwnFile[]> {
  const { key, ...rest } = source;
  const path = sourcePath(name);
  if (key === undefined) return [{ path, content: stanza(rest) }];
  const keyring = keyringPath(name);
  const text = typeof key === "string" ? key : await publicKey(host, key.fingerprint);
  return [
    { path: keyring, content: text.endsWith("\n") ? text : `${text}\n` },
    { path, content: stanza({ ...rest, signedBy: keyring }) },
  ];
}

async function publicKey(host: LookingHost, fingerprint: string): Promise<string> {
  const { content } = await host.data("--pgp-pubkey", plain(fingerprint));
  return Buffer.from(content).toString("utf8");
}

function plain(fingerprint: string): string {
  return fingerprint.replace(/\s/g, "");
}
