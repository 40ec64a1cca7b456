import { z } from "zod";
import { hopType, quoteWords, shellText } from "../../engine/index.js";
import { besideLeader, containerName, joinsLeader } from "../namespaces/shared.js";

const options = z.strictObject({
  owner: z
    .string()
    .regex(/^[^-\s\0][^\s\0]*$/, "expected the name of a user")
    .exactOptional(),
});

/** Whose container it is. */
export interface LxcOptions {
  /** The account it belongs to; by default the one on the hop before. Needs uid 0. */
  readonly owner?: string;
}

/**
 * A running container of LXC, on the host before, as uid 0 inside.
 *
 * Needs lxc-info, and with a shell before it nsenter (util-linux).
 */
export const lxc = hopType<"same", [name: string, options?: LxcOptions]>("lxc", {
  gives: "same",
  args: z.tuple([containerName, options.exactOptional()]),
  desc: (_context, name, { owner } = {}) => `lxc ${owner === undefined ? "" : `${owner}/`}${name}`,
  wrap: async (_context, shell, name, options) => besideLeader(leaderOf(name, options), shell),
  enter: (name, options) => joinsLeader(`lxc ${name}`, leaderOf(name, options)),
});

function leaderOf(name: string, { owner }: LxcOptions = {}): string[] {
  const info = ["lxc-info", `--name=${name}`, "--pid", "--no-humanize"];
  if (owner === undefined) return info;
  return ["sh", "-c", byOwner, "sh", owner, quoteWords(info)];
}

/**
 * Arguments: the owner, the command. It is run by the owner, whose directories lxc-info reads; so
 * what it says may be made up, and must not lead uid 0 to where it is already.
 */
const byOwner = shellText`
  p=$(su -s /bin/sh -c "exec $2" -- "$1") || exit 1;
  case $p in *[!0-9]*) ;; *)
    n=$(readlink "/proc/$p/ns/user") || exit 1;
    if [ "$n" = "$(readlink /proc/self/ns/user)" ]; then
      echo "process $p is in no user namespace of its own" >&2; exit 1;
    fi;;
  esac;
  echo "$p"
`;
