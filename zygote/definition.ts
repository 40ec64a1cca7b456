import { fileURLToPath } from "node:url";

/** Where the caller of this folder stands, and whether that is the top level of a module. */
export function definedAt(): { at: string; isTopLevel: boolean } {
  const sites = callSites();
  // This folder, or in bundled modules the file with all of this package.
  const here = sites[0] && fileOf(sites[0])?.replace(/[^/]*$/, "");
  const isElsewhere = (site: NodeJS.CallSite) => !here || !fileOf(site)?.startsWith(here);
  const first = sites.findIndex((site) => isElsewhere(site) || isModule(site.getFunctionName()));
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

function isModule(functionName: string | null): boolean {
  return functionName === null || /^(|Object\.<anonymous>|.*\.[cm]?[jt]sx?)$/.test(functionName);
}

/**
 * Code at a module's top level has no function name and is called by Node's loader; in bundled
 * modules it is a function that is named after the module's file.
 */
function isLoading(sites: readonly NodeJS.CallSite[]): boolean {
  for (const site of sites) {
    const file = fileOf(site);
    if (file === undefined) return false;
    if (file.startsWith("node:")) return true;
    const name = site.getFunctionName();
    if (name !== null && /\.[cm]?[jt]sx?$/.test(name)) return true;
    if (!isModule(name)) return false;
  }
  return true;
}
