import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Host } from "../../engine/index.js";
import { pruneCache } from "./cache.js";
import { compile } from "./compile.js";
import { findConsfig } from "./find.js";
import { hostsIn } from "./hosts.js";
import { whileLoading } from "./loadingError.js";

/** A consfig whose modules have been loaded into this process. */
export interface Consfig {
  readonly file: string;
  /** Where the code that was loaded is. */
  readonly url: string;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly hosts: readonly Host[];
}

/**
 * The consfig, loaded. What `also` loads belongs to it: afterwards nothing can be defined any more.
 *
 * @throws InvalidConsfig when there is none, or it does not compile, or throws, or has no hosts.
 */
export async function loadConsfig<T = undefined>(
  given: string | undefined,
  also?: (consfig: Consfig) => Promise<T>,
): Promise<{ readonly consfig: Consfig; readonly loaded: T | undefined }> {
  const file = findConsfig(given);
  // The compiler is a process of its own: our modules load meanwhile.
  const [{ url }, { sealDefinitions }] = await Promise.all([
    compile(file, { entryPoints: [file] }),
    import("../../engine/index.js"),
    // Hops that chains have without the consfig naming them.
    import("../../connections/local.js"),
    import("../../connections/as.js"),
  ]);
  const exports = await loadCode(file, url);
  const consfig: Consfig = { file, url, exports, hosts: hostsIn(file, exports) };
  const loaded = await also?.(consfig);
  sealDefinitions("the consfig has been loaded");
  pruneCache();
  return { consfig, loaded };
}

/** What the code exports. Positions in its errors and propapps are those of its source. */
export async function loadCode(file: string, url: string): Promise<Record<string, unknown>> {
  process.setSourceMapsEnabled(true);
  return whileLoading(path.relative("", file), fileURLToPath(url), async () => {
    const module: unknown = await import(url);
    return { ...(module as Record<string, unknown>) };
  });
}
