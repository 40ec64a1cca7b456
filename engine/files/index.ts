/**
 * The only entrance to a host's paths, for looking and for changing. The way to a path is gone step by step,
 * so that no other account leads us elsewhere (`way.ts`). Files are looked at over a shell, many by one
 * command (`fileLooks.ts`), or by this process where it runs on the host (`localFiles.ts`); they are changed
 * over the shell (`writeScript.ts`, `changes.ts`).
 *
 * This room may import `shell` and what is below that.
 */
export { HostFiles } from "./hostFiles.js";
