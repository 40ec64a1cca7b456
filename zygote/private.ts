import { native } from "./native.js";

/** The option of Node, where it has one, by which a process opens no debugger from its first moment on. */
export const privateFlags: readonly string[] = ["--disable-sigusr1"].filter((flag) =>
  process.allowedNodeEnvironmentFlags.has(flag),
);

/**
 * What is in this process's memory stays there from now on: it leaves no core dump, opens no debugger at
 * SIGUSR1, and cannot be read by others of its uid. Where there is no addon, only the debugger is kept away.
 *
 * Called once a zygote has been forked out of it: others may then not look at its threads any more.
 */
export function keepPrivate(): void {
  try {
    native().keepPrivate();
  } catch {
    process.on("SIGUSR1", () => {});
  }
}
