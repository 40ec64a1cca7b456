import { stat } from "node:fs/promises";
import { besideCaller, type DataSource, MissingData, Secret } from "../../engine/index.js";
import { type GpgOptions, versionOf } from "../reading/shared.js";
import { type Entry, readStore, rewriteStore, type Store } from "./file.js";

/** How {@link setPgpEntry} encrypts. */
export interface SetPgpOptions extends GpgOptions {
  /** Who can decrypt the file from now on: key fingerprints. As before by default; oneself at first. */
  readonly recipients?: readonly string[];
}

/**
 * Prerequisite data are the entries of one file that is encrypted by OpenPGP, written by
 * {@link setPgpEntry}. The version of an entry is the time it was set. The file is decrypted when it
 * is first asked, and again when it has changed; gpg's agent may ask for a passphrase. A relative path
 * starts where the file is that calls this.
 *
 * @throws MissingDataSource when it is asked and there is no file, or gpg cannot decrypt it.
 */
export function pgp(file: string, options: GpgOptions = {}): DataSource {
  const absolute = besideCaller(file);
  let known: { state: string; store: Promise<Store> } | undefined;
  const entryOf = async (iden1: string, iden2: string) => {
    const state = await stateOf(absolute);
    if (known?.state !== state) known = { state, store: readStore(absolute, options) };
    const asked = known;
    try {
      return found(await asked.store, iden1, iden2);
    } catch (error) {
      // The next one asks gpg again, which may have the key by then.
      if (known === asked) known = undefined;
      throw error;
    }
  };
  return {
    description: `pgp ${absolute}`,
    version: async (iden1, iden2) => (await entryOf(iden1, iden2))?.version,
    async read(iden1, iden2) {
      const entry = await entryOf(iden1, iden2);
      if (entry) return contentOf(entry);
      throw new MissingData(`${absolute} has no entry (${iden1}, ${iden2})`, { iden1, iden2 });
    },
  };
}

/** Which entries the file has, in the order they were first set. @throws MissingDataSource */
export async function listPgpEntries(
  file: string,
  options: GpgOptions = {},
): Promise<
  readonly { readonly iden1: string; readonly iden2: string; readonly version: string }[]
> {
  const { entries } = await readStore(besideCaller(file), options);
  return entries.map(({ iden1, iden2, version }) => ({ iden1, iden2, version }));
}

/** The text of an entry, or undefined if there is none. @throws MissingDataSource */
export async function getPgpEntry(
  file: string,
  iden1: string,
  iden2: string,
  options: GpgOptions = {},
): Promise<Secret | undefined> {
  const entry = found(await readStore(besideCaller(file), options), iden1, iden2);
  return entry && new Secret(contentOf(entry).toString("utf8"));
}

/**
 * The file has an entry with that content, in place of the one it had; without content it has none.
 * A file that is not there is made. Until all has gone well the file stays as it was.
 *
 * @throws MissingDataSource when gpg fails, UsageError when another process is writing the file.
 */
export async function setPgpEntry(
  file: string,
  iden1: string,
  iden2: string,
  content: string | Uint8Array | Secret | undefined,
  { recipients, ...options }: SetPgpOptions = {},
): Promise<void> {
  await rewriteStore(besideCaller(file), options, (old = { recipients: [], entries: [] }) => {
    const entries = [...old.entries];
    const index = entries.findIndex((one) => one.iden1 === iden1 && one.iden2 === iden2);
    const [place, count] = index < 0 ? [entries.length, 0] : [index, 1];
    const fresh = content === undefined ? [] : [entryFor(iden1, iden2, content, entries[index])];
    entries.splice(place, count, ...fresh);
    return { recipients: [...(recipients ?? old.recipients)], entries };
  });
}

function entryFor(
  iden1: string,
  iden2: string,
  content: string | Uint8Array | Secret,
  old: Entry | undefined,
): Entry {
  // Greater than the old one's, even if the clock was set back.
  const version = String(Math.max(Date.now(), Number(old?.version ?? 0) + 1));
  const bytes = Buffer.from(content instanceof Secret ? content.reveal() : content);
  const text = bytes.toString("utf8");
  return Buffer.from(text).equals(bytes)
    ? { iden1, iden2, version, content: text, encoding: "utf8" }
    : { iden1, iden2, version, content: bytes.toString("base64"), encoding: "base64" };
}

function found({ entries }: Store, iden1: string, iden2: string): Entry | undefined {
  return entries.find((one) => one.iden1 === iden1 && one.iden2 === iden2);
}

function contentOf({ content, encoding }: Entry): Buffer {
  return Buffer.from(content, encoding);
}

/** Another when the file is another, or has another content. @throws MissingDataSource */
async function stateOf(file: string): Promise<string> {
  const version = await versionOf(file);
  const { ino, size } = await stat(file);
  return `${version} ${ino} ${size}`;
}
