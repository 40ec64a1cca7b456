import { findSourceMap } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { ConsfigError } from "./errors.js";

/** The compiled folders of this package whose frames are not a person's own code. */
const ourFolders = ["engine", "properties", "connections", "data", "cli"].map((folder) =>
  fileURLToPath(new URL(`../${folder}/`, import.meta.url)),
);

/** Where code was called from: the frames above the caller, nearest first. */
export function callSites(): NodeJS.CallSite[] {
  const { prepareStackTrace } = Error;
  let sites: NodeJS.CallSite[] = [];
  Error.prepareStackTrace = (_error, frames) => {
    sites = frames;
    return "";
  };
  void new Error().stack;
  Error.prepareStackTrace = prepareStackTrace;
  return sites.slice(2);
}

/** The path of a call site's file, or undefined for code that came from no file. */
export function fileOf(site: NodeJS.CallSite): string | undefined {
  const name = site.getFileName() ?? undefined;
  return name?.startsWith("file:") ? fileURLToPath(name) : name;
}

/** Whether the call site is in a person's own code: not in Node, this package's, or another one. */
export function isOutside(site: NodeJS.CallSite): boolean {
  const file = fileOf(site);
  if (file === undefined || file.startsWith("node:")) return false;
  return !/[\\/]node_modules[\\/]/.test(file) && !ourFolders.some((ours) => file.startsWith(ours));
}

/** `file:line:column` of the nearest call in a person's own code, in terms of its source. */
export function whereCalled(): string | undefined {
  const site = callSites().find(isOutside);
  return site && describeSite(site);
}

/** The absolute path; a relative one starts where the person's own code is that calls us. */
export function besideCaller(file: string): string {
  const caller = whereCalled()?.replace(/:\d+:\d+$/, "");
  return path.resolve(caller === undefined ? "" : path.dirname(caller), file);
}

/** `file:line:column` of the call site in terms of its source, relative to the working directory. */
export function describeSite(site: NodeJS.CallSite): string | undefined {
  const file = fileOf(site);
  if (file === undefined) return undefined;
  const line = site.getLineNumber() ?? 1;
  const column = site.getColumnNumber() ?? 1;
  const origin = findSourceMap(site.getFileName() ?? file)?.findEntry(line - 1, column - 1);
  if (!origin || !("originalSource" in origin)) return `${relative(file)}:${line}:${column}`;
  const source = origin.originalSource.startsWith("file:")
    ? fileURLToPath(origin.originalSource)
    : path.resolve(path.dirname(file), origin.originalSource);
  return `${relative(source)}:${origin.originalLine + 1}:${origin.originalColumn + 1}`;
}

function relative(file: string): string {
  const short = path.relative(process.cwd(), file);
  return short.startsWith(`..${path.sep}..`) ? file : short;
}

/** What the work gives; errors that don't know it yet learn where the person wrote what caused them. */
export function located<T>(at: string | undefined, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (at !== undefined && error instanceof ConsfigError && error.facts.at === undefined) {
      Object.assign(error.facts, { at });
    }
    throw error;
  }
}
