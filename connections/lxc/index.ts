import { z } from "zod";
import {
  type HopCommand,
  type HopContext,
  hopType,
  quoteWords,
  sh,
  type Words,
} from "../../engine/index.js";
import { containerName, type EnterOptions, enterOptions, joining } from "../namespaces/shared.js";
import { bySu } from "../su/index.js";

const options = z.strictObject({
  ...enterOptions,
  owner: z
    .string()
    .regex(/^[^-\s\0][^\s\0]*$/, "expected the name of a user")
    .exactOptional(),
});

/** Whose container it is, and how it is entered. */
export interface LxcOptions extends EnterOptions {
  /** The account it belongs to; by default the one on the hop before. Needs uid 0. */
  readonly owner?: string;
}

/**
 * A running container of LXC, on the host before, as uid 0 inside.
 *
 * Needs lxc-info, and with a shell before it lxc-attach.
 */
export const lxc = hopType<"same", [name: string, options?: LxcOptions]>("lxc", {
  gives: "same",
  args: z.tuple([containerName, options.exactOptional()]),
  desc: (_context, name, { owner } = {}) => `lxc ${owner === undefined ? "" : `${owner}/`}${name}`,
  wrap: attached,
  enter: (name, { owner, ...options } = {}) => {
    const info = ["lxc-info", `--name=${name}`, "--pid", "--no-humanize"];
    // Run by the owner, whose directories lxc-info reads: so what it says may be made up.
    return owner === undefined
      ? joining(`lxc ${name}`, { find: info, ...options })
      : joining(`lxc ${owner}/${name}`, { find: asOwner(owner, info), ...options }, true);
  },
});

/** By LXC's own program, which takes over all that confines the container; as the owner, if there is one. */
async function attached(
  context: HopContext,
  shell: Words,
  name: string,
  { owner }: LxcOptions = {},
): Promise<HopCommand> {
  const words = [...sh`lxc-attach ${`--name=${name}`} --clear-env --`, ...shell];
  return owner === undefined ? { words } : bySu(context, words, owner);
}

function asOwner(owner: string, words: Words): Words {
  return sh`su -s /bin/sh -c ${`exec ${quoteWords(words)}`} -- ${owner}`;
}
