import { chainOf, type Host, prepareHost, tagsOf } from "../../engine/index.js";
import { describeChain, type Prepared } from "../../engine/model/index.js";
import { kindOf } from "../../engine/prepare/index.js";
import { loadConsfig } from "../consfig/load.js";
import { selectHosts } from "../consfig/select.js";
import { obstaclesOf, Unprepared } from "../preflight.js";
import { columns } from "../render/columns.js";
import { jsonLine, jsonVersion } from "../render/json.js";

/** What the list of hosts tells of each. */
interface Row {
  readonly host: string;
  readonly chain: string | undefined;
  readonly kind: string;
  readonly properties: number;
  readonly tags: readonly string[];
}

/** The hosts of the consfig are listed, or those that the words choose. */
export async function listHosts(
  words: readonly string[],
  options: { consfig?: string; json: boolean },
): Promise<number> {
  const { consfig } = await loadConsfig(options.consfig);
  const { hosts } = await selectHosts(consfig.hosts, words);
  const obstacles = obstaclesOf(hosts);
  const sound = hosts.filter(({ host }) => !obstacles.some((one) => one.host === host));
  const rows = sound.map(rowOf);
  process.stdout.write(options.json ? rows.map(jsonRow).join("") : table(rows));
  if (obstacles.length > 0) throw new Unprepared(obstacles);
  return 0;
}

function rowOf(host: Host): Row {
  const prepared = prepareHost(host);
  return {
    host: host.host,
    chain: host.deploy && describeChain(chainOf(host), host.host),
    kind: kindOf(prepared.propspec),
    properties: propappsIn(prepared.propspec),
    tags: tagsOf(prepared),
  };
}

/** How many propapps the person wrote: what a property stands for is not counted. */
function propappsIn(node: Prepared): number {
  if ("property" in node) return 1;
  return node.props.reduce((sum, prop) => sum + propappsIn(prop), 0);
}

function jsonRow(row: Row): string {
  return jsonLine({ v: jsonVersion, type: "host", ...row });
}

function table(rows: readonly Row[]): string {
  return columns([
    ["HOST", "CHAIN", "KIND", "PROPERTIES", "TAGS"],
    ...rows.map(({ host, chain = "-", kind, properties, tags }) => [
      host,
      chain,
      kind,
      `${properties}`,
      tags.join(" "),
    ]),
  ]);
}
