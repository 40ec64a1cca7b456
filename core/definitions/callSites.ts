import { findSourceMap } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

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
  if (!name?.startsWith("file:")) return name;
  const path = pathsOf.get(name) ?? fileURLToPath(name);
  pathsOf.set(name, path);
  return path;
}

/** The compiled folders of this package. */
const ourFolders = [
  "cli",
  "connections",
  "core",
  "data",
  "engine",
  "inventories",
  "properties",
  "zygote",
].map((name) => fileURLToPath(new URL(`../../${name}/`, import.meta.url)));

/** Whether the file is of this package, and no person's own code. */
export function isOurFile(file: string): boolean {
  return ourFolders.some((folder) => file.startsWith(folder));
}

const pathsOf = new Map<string, string>();

/** How call sites were described, by their place: a loop calls from the same one again and again. */
const described = new Map<string, string>();

/** `file:line:column` of the call site in terms of its source, relative to the working directory. */
export function describeSite(site: NodeJS.CallSite): string | undefined {
  const file = fileOf(site);
  if (file === undefined) return undefined;
  const line = site.getLineNumber() ?? 1;
  const column = site.getColumnNumber() ?? 1;
  const name = `${file}:${line}:${column}:${process.cwd()}`;
  const text = described.get(name) ?? inSource(site, file, line, column);
  described.set(name, text);
  return text;
}

function inSource(site: NodeJS.CallSite, file: string, line: number, column: number): string {
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

/**
 * Whether these frames are those of a module that is being loaded. Code at a module's top level has
 * no function name and is called by Node's loader; in bundled modules it is a function that is named
 * after the module's file.
 */
export function isLoading(sites: readonly NodeJS.CallSite[]): boolean {
  for (const site of sites) {
    const file = fileOf(site);
    if (file === undefined) return false;
    if (file.startsWith("node:")) return true;
    const name = site.getFunctionName();
    if (name !== null && /\.[cm]?[jt]sx?$/.test(name)) return true;
    if (!isTopLevel(site)) return false;
  }
  return true;
}

/** Whether the frame is that of a module, and not of a function in it. */
export function isTopLevel(site: NodeJS.CallSite): boolean {
  const name = site.getFunctionName();
  return name === null || /^(|Object\.<anonymous>|.*\.[cm]?[jt]sx?)$/.test(name);
}
