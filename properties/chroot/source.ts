import { AbortedChange, type LookingHost, sh } from "../../engine/index.js";
import type { Tree } from "./tree.js";

/** Where a tree's packages come from. */
export interface Source {
  readonly mirrors: readonly string[];
  /** Lines of apt's configuration that it takes to get there. */
  readonly settings: readonly string[];
}

/** From where the consfig says; else from where the host's own apt gets them, and how. */
export async function sourceOf(host: LookingHost, tree: Tree): Promise<Source> {
  const { mirrors, proxy } = tree;
  const said = proxy === undefined ? [] : [`Acquire::http::Proxy "${proxy}";`];
  if (mirrors.length > 0) return { mirrors, settings: said };
  const [own, settings] = await Promise.all([ownMirrors(host, tree), ownSettings(host)]);
  if (own.length > 0) return { mirrors: own, settings: [...settings, ...said] };
  throw new AbortedChange(`it is not known where packages of ${tree.suite} come from`, {
    hint: 'say apt.mirrors("https://…") among the properties of the chroot or of the host around it',
  });
}

const fields = ["ORIGIN", "REPO_URI", "RELEASE"].map((name) => `$(${name})`).join(" ");

/** The mirrors of that distribution which the host's apt knows. What has one release has the others. */
async function ownMirrors(host: LookingHost, tree: Tree): Promise<readonly string[]> {
  const list = sh`apt-get indextargets --format ${fields} ${"Created-By: Packages"}`;
  const { exitCode, lines } = await host.query(list, { mayFail: true });
  if (exitCode !== 0) return [];
  const found = lines.flatMap((line) => {
    const [origin = "", uri = "", release = ""] = line.split(" ");
    const isPlain = !/[-/]/.test(release); // no updates, no security
    return isPlain && origin.toLowerCase() === tree.distribution ? [uri] : [];
  });
  return [...new Set(found)];
}

/** Proxies, and whatever else it takes on this host to get something. */
async function ownSettings(host: LookingHost): Promise<readonly string[]> {
  const { lines } = await host.query(sh`apt-config dump Acquire`, { mayFail: true });
  return lines.filter((line) => /^Acquire::(https?|Check|Retries|ForceIPv)\S* ".+";$/.test(line));
}
