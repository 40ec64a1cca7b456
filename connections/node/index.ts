/**
 * The hop `node`: how a Node is found on a host (`find.ts`), or brought there as a package (`packages.ts`) or
 * from this machine (`upload.ts`). What a Node image does is in the engine.
 *
 * This room may import the engine.
 */
import { z } from "zod";
import { HopFailed, hopType, oldestNode, type PosixHost, printable } from "../../engine/index.js";
import { findText, refusedText } from "./find.js";
import { machineOf } from "./machine.js";
import { type NodeOptions, nodeOptions, sourcesOf } from "./options.js";
import { installPackage } from "./packages.js";
import { uploadRuntime } from "./upload.js";

export type { NodeOptions, NodeSource } from "./options.js";

/**
 * A Node image: this program, on the host, as the account that the hops before lead to. It carries
 * properties of both kinds, and the hops after it start inside it.
 *
 * What the host needs of the consfig's modules is sent, once, to the account's
 * `~/.cache/consfigurator`; nothing is installed unless no Node (20 or newer) is found there. `-v`
 * tells which Node it is, and what was sent.
 */
export const node = hopType<"node", [options?: NodeOptions]>("node", {
  gives: "node",
  args: z.tuple([nodeOptions.exactOptional()]),
  desc: () => "node",
  image: (_context, options = {}) => ({
    find: findText(options),
    bring: (host, found) => bring(host, found, options),
  }),
});

const ways = { packages: installPackage, upload: uploadRuntime };

/** @throws HopFailed that tells why nothing that was tried has brought one */
async function bring(
  host: PosixHost,
  found: string | undefined,
  options: NodeOptions,
): Promise<void> {
  const reasons = [
    found === undefined ? "no Node is found" : `its Node is ${found}`,
    ...(await refused(host, options)),
  ];
  const wanted = sourcesOf(options).filter(
    (source) => source === "packages" || source === "upload",
  );
  if (wanted.length > 0) {
    const machine = await machineOf(host);
    for (const source of wanted) {
      const obstacle = await ways[source](host, machine);
      if (obstacle === undefined) return;
      host.inform(`no Node by ${source}: ${obstacle}`);
      reasons.push(`${source}: ${obstacle}`);
    }
  }
  throw new HopFailed(`${host.name} has no Node that can be used: ${reasons.join("; ")}`, {
    hint:
      options.path === undefined
        ? `install Node ${oldestNode} or newer there, or say where it is: node({ path: … })`
        : `install Node ${oldestNode} or newer at ${options.path}, or leave the path out`,
  });
}

/** Why Nodes that are on the host are not used; there may be none. */
async function refused(host: PosixHost, options: NodeOptions): Promise<readonly string[]> {
  const { stdout } = await host.query(["sh", "-c", refusedText(options)], { mayFail: true });
  if (stdout === "") return [];
  const text = printable(stdout.slice(0, 2000));
  host.inform(text);
  return [text];
}
