import path from "node:path";
import { fileURLToPath } from "node:url";
import { runningUrl } from "../../core/copies.js";
import { type Host, isHost } from "../../engine/index.js";
import { entryOf, useModulesOf } from "../../engine/modules/index.js";
import { pruneCache } from "./cache.js";
import { type Compiled, compile } from "./compile.js";
import { type Exported, exportedBy } from "./exported.js";
import { assertOurs, findConsfig } from "./find.js";
import { hostsOf } from "./hosts.js";
import { whileLoading } from "./loadingError.js";

/** The modules of a consfig, loaded into this process. */
export interface Modules extends Compiled {
  readonly file: string;
  readonly exports: Readonly<Record<string, unknown>>;
}

/** A consfig whose modules have been loaded into this process. */
export interface Consfig extends Modules {
  readonly hosts: readonly Host[];
  /** Files of this package that every process loads with it, whether or not it imports them. */
  readonly beside: readonly string[];
}

/** URLs of what another process, or thread, loads to have all that this one has loaded. */
export function modulesOf({ surroundings, url, beside }: Consfig): readonly string[] {
  return [surroundings, url, ...beside.map((file) => new URL(file, runningUrl).href)];
}

/** What belongs to a consfig because of the command line. */
export interface Besides<T> {
  /** The names of modules with properties: `apt`, `file`, … */
  readonly properties?: readonly string[];
  /** Loads what else there is to be. */
  readonly also?: (consfig: Modules) => Promise<T>;
}

/**
 * The consfig, loaded, with what else belongs to it: afterwards nothing can be defined any more. Then
 * its lists of hosts are computed.
 *
 * @throws InvalidConsfig when there is none, or it does not compile, or throws, or has no hosts.
 */
export async function loadConsfig<T = undefined>(
  given: string | undefined,
  { properties = [], also }: Besides<T> = {},
): Promise<{ readonly consfig: Consfig; readonly loaded: T | undefined }> {
  const beside = properties.map((name) => entryOf("properties", name));
  const modules = await load(given, { beside });
  const exported = exportedBy(modules.file, modules.exports);
  const loaded = await also?.(modules);
  // This module defines forms, so it is loaded while that is still possible.
  if (await mayNeedZygote(exported)) await import("../../zygote/index.js");
  await finish();
  const hosts = await hostsOf(modules.file, exported);
  return { consfig: { ...modules, hosts, beside }, loaded };
}

/**
 * Whether a chain starts on this machine, perhaps with what only a copy of a process can enter. Of
 * hosts that are not computed yet nobody knows.
 */
async function mayNeedZygote(exported: readonly Exported[]): Promise<boolean> {
  if (process.geteuid?.() !== 0) return false;
  const { hopTypeOf, isHere } = await import("../../engine/model/index.js");
  return exported.some(({ value }) => {
    if (!isHost(value)) return true;
    const [first] = value.deploy ?? [];
    return first && (isHere(first) || hopTypeOf(first.hop).enter !== undefined);
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
  const modules = await load(given, { onCompiled });
  await finish();
  return modules;
}

async function load(
  given: string | undefined,
  about: {
    readonly beside?: readonly string[];
    readonly onCompiled?: ((code: Compiled) => void) | undefined;
  },
): Promise<Modules> {
  const { beside = [], onCompiled } = about;
  const file = findConsfig(given);
  // The compiler is another process, so our own modules are loaded meanwhile.
  const [compiled] = await Promise.all([
    compile(file, { entryPoints: [file] }).then((compiled) => {
      // What was found by itself must not import what others have put on the way, e.g. in /node_modules.
      if (given === undefined) for (const input of compiled.inputs) assertOurs(input, "that");
      onCompiled?.(compiled);
      return compiled;
    }),
    import("../../engine/index.js"),
    // Hops that chains have without the consfig naming them.
    import("../../connections/local/index.js"),
    import("../../connections/as/index.js"),
    ...beside.map((one) => import(new URL(one, runningUrl).href)),
  ]);
  useModulesOf(file, beside);
  return { ...compiled, file, exports: await loadCode(file, compiled) };
}

async function finish(): Promise<void> {
  const { sealDefinitions } = await import("../../core/definitions/index.js");
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
