import type { HostState, RunOutline } from "../../engine/journal/index.js";

/** What a host came to: of those that are ok it is told whether anything was changed. */
export type Verdict = Exclude<HostState, "ok"> | "changed" | "unchanged";

/** All verdicts, the worst first, in words. */
export const verdicts: Readonly<Record<Verdict, string>> = {
  failed: "failed",
  unreachable: "unreachable",
  cancelled: "cancelled",
  unfinished: "unfinished",
  notBegun: "not begun",
  changed: "changed",
  unchanged: "unchanged",
};

/** What the host came to. */
export function verdictOn(host: { readonly state: HostState; readonly changed: boolean }): Verdict {
  if (host.state !== "ok") return host.state;
  return host.changed ? "changed" : "unchanged";
}

/** How many hosts came to what: of those there are any of, the worst first. */
export function totalsOf({ hosts }: Pick<RunOutline, "hosts">): ReadonlyMap<Verdict, number> {
  const counts = new Map<Verdict, number>();
  for (const host of hosts.values()) {
    const verdict = verdictOn(host);
    counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  }
  const order = Object.keys(verdicts);
  return new Map([...counts].sort(([a], [b]) => order.indexOf(a) - order.indexOf(b)));
}

/** `1 failed, 3 changed, 12 unchanged` */
export function totalsInWords(run: Pick<RunOutline, "hosts">): string {
  const words = [...totalsOf(run)].map(([verdict, count]) => `${count} ${verdicts[verdict]}`);
  return words.length > 0 ? words.join(", ") : "no hosts";
}
