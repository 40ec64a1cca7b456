/**
 * The compiled files of this package, as they are loaded by this program: `engine/`, `properties/`, … are in
 * it. Of the command they are joined into few; see `scripts/join.mjs`.
 */
export const runningUrl = new URL("../", import.meta.url);

/** The same, one for each source, with their types. */
export const compiledUrl = runningUrl.href.endsWith("/joined/")
  ? new URL("../", runningUrl)
  : runningUrl;
