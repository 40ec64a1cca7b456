/**
 * The only entrance to a host's paths. Files are looked at and read over a shell, many by one command
 * (`fileLooks.ts`), or by this process where it runs on the host (`localFiles.ts`); they are written over
 * the shell (`shellFiles.ts`, `writeScript.ts`).
 *
 * This room may import `shell` and what is below that.
 */
export { makesDirectory, makesSymlink, removes, setsMode, setsOwner } from "./changes.js";
export { HostFiles } from "./hostFiles.js";
