import { outputOf } from "./program.js";

/** What the sources that run gpg can be told. */
export interface GpgOptions {
  /**
   * gpg's own directory, instead of the person's. Keep its path short: sockets are made for it, and
   * their paths may have about a hundred characters.
   */
  readonly gnupgHome?: string;
}

/** The words that start gpg. It asks nothing itself; its agent may ask for a passphrase. */
export function gpgWords({ gnupgHome }: GpgOptions): readonly string[] {
  return ["gpg", "--quiet", "--batch", "--no-tty", ...(gnupgHome ? ["--homedir", gnupgHome] : [])];
}

/** The content of a file that is encrypted by OpenPGP. @throws MissingDataSource */
export function decrypted(file: string, options: GpgOptions): Promise<Buffer> {
  return outputOf([...gpgWords(options), "--decrypt", "--", file], {
    purpose: `decrypting ${file}`,
    hint: "is the secret key here, and does `gpg --decrypt` of the file work by hand?",
  });
}
