import os from "node:os";
import path from "node:path";
import { besideCaller, type DataSource, isHostname } from "../../engine/index.js";
import { assertDirectory, fileBelow, isFile } from "../filesTree/index.js";
import { decrypted, type GpgOptions, versionOf } from "../reading/shared.js";

/**
 * Prerequisite data are the passwords of a store that the program `pass` keeps, which is
 * `$PASSWORD_STORE_DIR` or `~/.password-store` when no directory is given:
 *
 * - (`web1.example.com`, `/etc/key`) is the entry `web1.example.com/etc/key`,
 * - (`--user-passwd--web1.example.com`, `admin`) is `web1.example.com/admin`,
 * - (`_site`, `key`) is `_site/key` or else `site/key`.
 *
 * It has no other items. Entries are decrypted by gpg, whose agent may ask for a passphrase; a
 * newline at the end is dropped. The version is the time the entry's file was last changed.
 *
 * @throws MissingDataSource when it is asked and there is no store, or gpg cannot decrypt.
 */
export function pass(directory?: string, options: GpgOptions = {}): DataSource {
  const root = directory === undefined ? usualStore() : besideCaller(directory);
  const entryOf = async (iden1: string, iden2: string) => {
    for (const folder of foldersOf(iden1)) {
      const file = fileBelow(root, folder, iden2, ".gpg");
      if (await isFile(file)) return file;
    }
    return undefined;
  };
  return {
    description: `pass ${root}`,
    async version(iden1, iden2) {
      await assertDirectory(root);
      const file = await entryOf(iden1, iden2);
      return file && versionOf(file);
    },
    async read(iden1, iden2) {
      // One that is gone by now is gpg's to complain about.
      const file = (await entryOf(iden1, iden2)) ?? fileBelow(root, iden1, iden2, ".gpg");
      return withoutNewline(await decrypted(file, options));
    },
  };
}

function usualStore(): string {
  return path.resolve(process.env.PASSWORD_STORE_DIR || path.join(os.homedir(), ".password-store"));
}

const passwordOfUser = "--user-passwd--";

/** Where in the store items of that context are looked for. */
function foldersOf(iden1: string): readonly string[] {
  if (iden1.startsWith("_")) return [iden1, iden1.slice(1)].filter((name) => name !== "");
  const host = iden1.startsWith(passwordOfUser) ? iden1.slice(passwordOfUser.length) : iden1;
  return isHostname(host) ? [host] : [];
}

function withoutNewline(content: Buffer): Buffer {
  return content.at(-1) === 0x0a ? content.subarray(0, -1) : content;
}
