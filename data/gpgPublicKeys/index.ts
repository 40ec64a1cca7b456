import { rm } from "node:fs/promises";
import { ownTemporaryDirectory, reasonOf, temporaryHint } from "../../core/index.js";
import {
  besideCaller,
  type DataSource,
  MissingData,
  MissingDataSource,
} from "../../engine/index.js";
import { gpgWords, outputOf, versionOf } from "../reading/shared.js";

const iden1OfKeys = "--pgp-pubkey";

/**
 * Prerequisite data are the public keys in a keyring of gpg's: (`--pgp-pubkey`, fingerprint) is that
 * key, armoured, with no more signatures than it needs. Fingerprints are full ones, without spaces.
 * The version is the time the keyring was last changed. A relative path starts where the file is
 * that calls this.
 *
 * @throws MissingDataSource when it is asked and the keyring cannot be read.
 */
export function gpgPublicKeys(keyring: string): DataSource {
  const file = besideCaller(keyring);
  let known: { version: string; keys: Map<string, Promise<Buffer>> } | undefined;

  /** The key, empty if it is not there; gpg is asked once for each, until the keyring changes. */
  const keyOf = async (iden1: string, iden2: string) => {
    const version = await versionOf(file);
    if (iden1 !== iden1OfKeys || !/^([0-9A-F]{40}|[0-9A-F]{64})$/i.test(iden2)) return { version };
    if (known?.version !== version) known = { version, keys: new Map() };
    const { keys } = known;
    const fingerprint = iden2.toUpperCase();
    const key = keys.get(fingerprint) ?? exported(file, fingerprint);
    keys.set(fingerprint, key);
    key.catch(() => keys.delete(fingerprint));
    return { version, key: await key };
  };

  return {
    description: `gpgPublicKeys ${file}`,
    async version(iden1, iden2) {
      const { version, key } = await keyOf(iden1, iden2);
      return key?.length ? version : undefined;
    },
    async read(iden1, iden2) {
      const { key } = await keyOf(iden1, iden2);
      if (key?.length) return key;
      throw new MissingData(`${file} has no key ${iden2}`, { iden1, iden2 });
    },
  };
}

/** The key in armour, or nothing. The person's own settings and keys play no part in it. */
async function exported(keyring: string, fingerprint: string): Promise<Buffer> {
  const gnupgHome = emptyHome();
  try {
    const words = ["--no-autostart", "--no-default-keyring", "--keyring", keyring, "--lock-never"];
    const how = ["--armor", "--export-options", "export-minimal", "--export", fingerprint];
    return await outputOf([...gpgWords({ gnupgHome }), ...words, ...how], {
      purpose: `reading keys from ${keyring}`,
      hint: "it has to be a keyring of gpg's own, not an armoured file",
    });
  } finally {
    await rm(gnupgHome, { recursive: true, force: true });
  }
}

/** A home for a gpg that is to have no keys and no settings. @throws MissingDataSource */
function emptyHome(): string {
  try {
    return ownTemporaryDirectory("consfig-gpg");
  } catch (cause) {
    throw new MissingDataSource(reasonOf(cause), { hint: temporaryHint }, { cause });
  }
}
