/**
 * How sources read: files of this machine, what a program prints, what gpg decrypts. It is no source itself.
 */
export { decrypted, type GpgOptions, gpgWords } from "./gpg.js";
export { readOrExplain, versionOf } from "./localFile.js";
export { outputOf } from "./program.js";
