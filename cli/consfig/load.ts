import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Host } from "../../engine/index.js";
import { useModulesOf } from "../../engine/modules/requirements.js";
import { pruneCache } from "./cache.js";
import { type Compiled, compile } from "./compile.js";
import { findConsfig } from "./find.js";
import { hostsIn } from "./hosts.js";
import { whileLoading } from "./loadingError.js";

/** The modules of a consfig, loaded into this process. */
export interface Modules extends Compiled {
  readonly file: string;
  readonly exports: Readonly<Record<string, unknown>>;
}

/** A consfig whose modules have been loaded into this process. */
export interface Consfig extends Modules {
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
  const modules = await load(given);
  const consfig: Consfig = { ...modules, hosts: hostsIn(modules.file, modules.exports) };
  const loaded = await also?.(consfig);
  // It defines forms of its own.
  if (await mayNeedZygote(consfig.hosts)) await import("../../zygote/index.js");
  await finish();
  return { consfig, loaded };
}

/** Whether a chain starts on this machine, perhaps with what only a copy of a process can enter. */
async function mayNeedZygote(hosts: readonly Host[]): Promise<boolean> {
  if (process.geteuid?.() !== 0) return false;
  const { hopTypeOf } = await import("../../engine/hop.js");
  return hosts.some(({ deploy: [first] = [] }) => {
    return first && (first.hop === "local" || hopTypeOf(first.hop).enter !== undefined);
  });
}

/**
 * The modules of the consfig, loaded: it may have forms and no hosts. Other processes that load the
 * code can be started meanwhile by `onCompiled`.
 *
 * @throws InvalidConsfig when there is none, or it does not compile, or throws.
 */
export async function loadModules(
  given: string | undefined,
  onCompiled?: (code: Compiled) => void,
): Promise<Modules> {
  const modules = await load(given, onCompiled);
  await finish();
  return modules;
}

async function load(
  given: string | undefined,
  onCompiled?: (code: Compiled) => void,
): Promise<Modules> {
  const file = findConsfig(given);
  // The compiler is a process of its own: our modules load meanwhile.
  const [compiled] = await Promise.all([
    compile(file, { entryPoints: [file] }).then((compiled) => {
      onCompiled?.(compiled);
      return compiled;
    }),
    import("../../engine/index.js"),
    // Hops that chains have without the consfig naming them.
    import("../../connections/local.js"),
    import("../../connections/as.js"),
  ]);
  useModulesOf(file);
  return { ...compiled, file, exports: await loadCode(file, compiled) };
}

async function finish(): Promise<void> {
  const { sealDefinitions } = await import("../../engine/registry.js");
  sealDefinitions("the consfig has been loaded");
  pruneCache();
}

/** What the code exports. Positions in its errors and propapps are those of its source. */
export async function loadCode(
  file: string,
  { url, surroundings }: Compiled,
): Promise<Record<string, unknown>> {
  await import(surroundings);
  return whileLoading(path.relative("", file), fileURLToPath(url), async () => {
    const module: unknown = await import(url);
    return { ...(module as Record<string, unknown>) };
  });
}
