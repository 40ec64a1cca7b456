/**
 * The only entrance to a host's paths, for looking at them and for changing them: over a shell, or by
 * this process where it runs on the host.
 *
 * It may import `shell` and what is below that.
 */
export { makesDirectory, makesSymlink, removes, setsMode, setsOwner } from "./changes.js";
export { HostFiles } from "./hostFiles.js";
