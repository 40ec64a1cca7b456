/**
 * How sources read: files of this machine, what a program prints, what gpg decrypts. It is no source itself.
 */

export { readOrExplain, versionOf } from "./files.js";
export { decrypted, type GpgOptions, gpgWords } from "./gpg.js";
export { outputOf } from "./program.js";
