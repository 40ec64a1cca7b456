import { closeSync, openSync, readSync } from "node:fs";

/**
 * The C library that this process was linked with. Its program names it at its beginning, as part of
 * the loader's path; the diagnostic report, which knows as well, takes 20 ms to be made.
 */
export function ownLibc(): "glibc" | "musl" {
  try {
    const fd = openSync("/proc/self/exe", "r");
    try {
      const beginning = Buffer.alloc(4096);
      readSync(fd, beginning, 0, beginning.length, 0);
      if (beginning.includes("/ld-musl-")) return "musl";
      if (beginning.includes("/ld-linux")) return "glibc";
    } finally {
      closeSync(fd);
    }
  } catch {
    // The report tells.
  }
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime ? "glibc" : "musl";
}

/** What addons are compiled for, e.g. `linux-x64-glibc`. */
export function ownPlatform(): string {
  return `${process.platform}-${process.arch}-${ownLibc()}`;
}
