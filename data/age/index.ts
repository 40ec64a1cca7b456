import { besideCaller, type DataSource, InvalidArgument } from "../../engine/index.js";
import { assertDirectory, fileBelow, isFile } from "../filesTree/index.js";
import { outputOf, versionOf } from "../reading/shared.js";

/** With what {@link age} decrypts. */
export interface AgeOptions {
  /** Files with age identities or SSH private keys; one of them has to fit. */
  readonly identity: string | readonly string[];
}

/**
 * Prerequisite data are the files below a directory on this machine that the program `age` has
 * encrypted: (`web1.example.com`, `/etc/key`) is `directory/web1.example.com/etc/key.age`. The content
 * is every byte that was encrypted; the version is the time the file was last changed. Relative
 * paths start where the file is that calls this. For an identity that has a passphrase, age asks on
 * the terminal.
 *
 * @throws MissingDataSource when it is asked and there is no directory, or age cannot decrypt.
 */
export function age(directory: string, { identity }: AgeOptions): DataSource {
  const root = besideCaller(directory);
  const identities = [identity].flat().map(besideCaller);
  if (identities.length === 0) throw new InvalidArgument("age needs an identity to decrypt with");
  return {
    description: `age ${root}`,
    async version(iden1, iden2) {
      await assertDirectory(root);
      const file = fileBelow(root, iden1, iden2, ".age");
      return (await isFile(file)) ? versionOf(file) : undefined;
    },
    read(iden1, iden2) {
      const file = fileBelow(root, iden1, iden2, ".age");
      const words = identities.flatMap((one) => ["--identity", one]);
      return outputOf(["age", "--decrypt", ...words, "--", file], {
        purpose: `decrypting ${file}`,
        hint: "is the file encrypted to one of the identities?",
      });
    },
  };
}
