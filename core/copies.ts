/**
 * The compiled files of this package, those that this program loads: `engine/`, `properties/`, … are in
 * it. For the command they are joined into few: see `scripts/join.mjs`.
 */
export const runningUrl = new URL("../", import.meta.url);

/** The same, one for each source, with their types. */
export const compiledUrl = runningUrl.href.endsWith("/joined/")
  ? new URL("../", runningUrl)
  : runningUrl;
