import type { SpecResult } from "./messages.js";

/** What a subject may take of the wall time of a run with two lanes. */
interface Share {
  readonly subject: string;
  readonly minutes: number;
  /** What the paths of its specs begin with. A spec that is named nowhere belongs to the first share. */
  readonly specs: readonly string[];
}

/**
 * Specs that would take more than their share are sampled by the seed in the ordinary run, and are
 * whole in `npm run soak`.
 */
export const shares: readonly Share[] = [
  { subject: "what was there first", minutes: 13, specs: [] },
  { subject: "trust", minutes: 3, specs: ["trust/"] },
  { subject: "troubles of other tools", minutes: 2, specs: ["troubles/"] },
  { subject: "plan", minutes: 4, specs: ["engine/plan/", "cli/plan/"] },
  { subject: "machines as users", minutes: 1, specs: ["machines/"] },
  { subject: "library", minutes: 6, specs: ["library/"] },
  { subject: "speed", minutes: 2, specs: ["speed/"] },
  { subject: "queue", minutes: 2, specs: ["queue/"] },
];

/** One share and what it took. */
export interface Spent {
  readonly subject: string;
  readonly minutes: number;
  readonly of: number;
}

/** What each share took of the wall time: the time of its specs, divided by the lanes. */
export function spent(results: readonly SpecResult[], lanes: number): readonly Spent[] {
  const shareOf = ({ spec }: SpecResult) =>
    shares.find(({ specs }) => specs.some((start) => spec.startsWith(start))) ?? shares[0];
  return shares.flatMap((share) => {
    const own = results.filter((result) => shareOf(result) === share);
    const ms = own.reduce((sum, result) => sum + result.ms, 0);
    const { subject, minutes: of } = share;
    return own.length === 0 ? [] : [{ subject, minutes: ms / lanes / 60_000, of }];
  });
}
