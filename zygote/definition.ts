import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));

/** Where the caller of this folder stands, and whether that is the top level of a module. */
export function definedAt(): { at: string; isTopLevel: boolean } {
  const sites = callSites();
  const first = sites.findIndex((site) => !fileOf(site)?.startsWith(here) || isNameless(site));
  const outside = sites.slice(first);
  const [site] = outside;
  const at = site ? `${fileOf(site)}:${site.getLineNumber()}:${site.getColumnNumber()}` : "?";
  return { at, isTopLevel: isLoading(outside) };
}

function callSites(): NodeJS.CallSite[] {
  const { prepareStackTrace } = Error;
  let sites: NodeJS.CallSite[] = [];
  Error.prepareStackTrace = (_error, frames) => {
    sites = frames;
    return "";
  };
  void new Error().stack;
  Error.prepareStackTrace = prepareStackTrace;
  return sites;
}

function fileOf(site: NodeJS.CallSite): string | undefined {
  const name = site.getFileName() ?? undefined;
  return name?.startsWith("file:") ? fileURLToPath(name) : name;
}

function isNameless(site: NodeJS.CallSite): boolean {
  return site.getFunctionName() === null;
}

/**
 * Code at a module's top level has no function name and is called by Node's loader (or, in a bundle
 * of CommonJS modules, by a wrapper that is named after the module's file).
 */
function isLoading(sites: readonly NodeJS.CallSite[]): boolean {
  const wrapper = /^(Object\.<anonymous>|__require|__init|.*\.[cm]?[jt]sx?)$/;
  for (const site of sites) {
    const file = fileOf(site);
    if (file === undefined) return false;
    if (file.startsWith("node:")) return true;
    const name = site.getFunctionName();
    if (name && !wrapper.test(name)) return false;
  }
  return true;
}
