import { type Host, UnknownHost } from "../../engine/index.js";
import { type HostRun, type HostState, readRun } from "../../engine/journal/index.js";

const kinds = {
  failed: ["failed", "unreachable", "cancelled", "unfinished"],
  unreachable: ["unreachable"],
  changed: ["ok", "failed", "cancelled", "unfinished"],
  notBegun: ["notBegun"],
} as const satisfies Record<string, readonly HostState[]>;

type Kind = keyof typeof kinds;

const pattern = new RegExp(`^(${Object.keys(kinds).join("|")})@(.+)$`);

/** Whether the word chooses hosts by what an earlier run made of them: `failed@last`. */
export function isOfRun(word: string): boolean {
  return pattern.test(word);
}

/**
 * Those of the hosts that are all that; `failed@…`: that did not end well.
 *
 * @throws UnknownRun, JournalFailed; UnknownHost when none is
 */
export async function thoseOfRuns(
  hosts: readonly Host[],
  words: readonly string[],
  consfig: string,
): Promise<readonly Host[]> {
  let chosen = hosts;
  for (const word of words) {
    const [, kind = "", run = ""] = pattern.exec(word) ?? [];
    const { id, hosts: found } = await readRun(run, { consfig });
    chosen = chosen.filter(({ host }) => isOf(kind as Kind, found.get(host))); // by the pattern
    if (chosen.length > 0) continue;
    throw new UnknownHost(`no host is ${word}: the run was ${id}`, { name: word });
  }
  return chosen;
}

function isOf(kind: Kind, run: HostRun | undefined): boolean {
  if (!run || (kind === "changed" && !run.changed)) return false;
  const states: readonly HostState[] = kinds[kind];
  return states.includes(run.state);
}
