import { printable } from "../../engine/base/index.js";
import type { Host, PreparedHost, Wire } from "../../engine/index.js";
import { isHost, prepareHost } from "../../engine/index.js";
import { describeChain, isHop, type Prepared } from "../../engine/model/index.js";
import { describe } from "../../engine/prepare/index.js";
import { loadConsfig } from "../consfig/load.js";
import { selectHosts } from "../consfig/select.js";
import { jsonLine } from "../render/json.js";
import { type Paint, paintFor } from "../render/paint.js";

/** What the consfig says of hosts is shown: their properties as they would be applied, their hostattrs. */
export async function show(
  words: readonly string[],
  options: { consfig?: string; json: boolean },
): Promise<number> {
  const { consfig } = await loadConsfig(options.consfig);
  const { hosts } = await selectHosts(consfig.hosts, words);
  const prepared = hosts.map((host) => ({ host, prepared: prepareHost(host) }));
  const paint = await paintFor(process.stdout);
  const texts = prepared.map(({ host, prepared }) =>
    options.json ? jsonLine(prepared) : `${hostLines(host, prepared, paint).join("\n")}\n`,
  );
  process.stdout.write(texts.join(options.json ? "" : "\n"));
  return 0;
}

function hostLines(host: Host, prepared: PreparedHost, paint: Paint): readonly string[] {
  const chain = host.deploy ? describeChain(host.deploy, host.host) : "not deployed by itself";
  return [
    `${paint.strong(prepared.name)}  ${paint.faint(chain)}`,
    "",
    "properties",
    ...childrenOf(prepared.propspec).flatMap((child) => nodeLines(child, "  ", paint)),
    "",
    "hostattrs",
    ...Object.entries(prepared.hostattrs.attrs).flatMap(([key, values]) =>
      values.map((value) => `  ${key}  ${inWords(value)}`),
    ),
  ];
}

function nodeLines(node: Prepared, indent: string, paint: Paint): readonly string[] {
  const id = "property" in node ? node.property : node.combinator;
  const words = [paint.strong(id), ...node.args.map(inWords)].join(" ");
  const description = describe(node);
  const also = [description && printable(description), node.at && printable(node.at)];
  const line = [
    words,
    ...also.filter((text) => text !== undefined).map((text) => paint.faint(text ?? "")),
  ];
  return [
    `${indent}${line.join("  ")}`,
    ...childrenOf(node).flatMap((child) => nodeLines(child, `${indent}  `, paint)),
  ];
}

/** What a node is made of: a combination's props, another host's, what a property stands for. */
function childrenOf(node: Prepared): readonly Prepared[] {
  if ("property" in node) return node.expansion?.props ?? [];
  return node.host ? childrenOf(node.host.propspec) : node.props;
}

/** An argument as one would write it, shortened: of hosts, hops and bytes only what they are. */
function inWords(value: Wire): string {
  const text = JSON.stringify(value, (_key, member: unknown) => {
    if (member instanceof Uint8Array) return `<${member.length} bytes>`;
    if (isHop(member)) return `<${member.hop}>`;
    return isHost(member) ? `<${member.host}>` : member;
  });
  return printable(text.length > 80 ? `${text.slice(0, 79)}…` : text);
}
