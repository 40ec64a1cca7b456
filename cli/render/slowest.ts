/** A host that took long, and what took longest there. */
export interface SlowHost {
  readonly host: string;
  readonly durationMs: number;
  readonly property?: SlowProperty | undefined;
}

/** A property that took long. */
export interface SlowProperty {
  readonly desc: string;
  readonly durationMs: number;
}

const most = 5;

/** The slowest hosts, the slowest first, if to these comes another. */
export function slowestWith(hosts: readonly SlowHost[], another: SlowHost): readonly SlowHost[] {
  const others = hosts.filter(({ host }) => host !== another.host);
  return [...others, another].toSorted((a, b) => b.durationMs - a.durationMs).slice(0, most);
}
