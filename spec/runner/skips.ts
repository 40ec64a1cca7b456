import type { Skip, SpecResult } from "./messages.js";

/** A spec that may be skipped, and why that has to be. */
interface Allowed {
  /** What its path begins with. */
  readonly spec: string;
  readonly name: RegExp;
  readonly why: string;
}

/** With uid 0 on Debian, nothing else is skipped. */
const allowed: readonly Allowed[] = [];

/** Without uid 0 these reasons are enough. */
const withoutUid0 = /uid 0|not installed|needs systemd-nspawn|no OpenSSH server|no ssh program/;

/** The skipped tests that have no leave to be, a line each. */
export function notAllowed(results: readonly SpecResult[]): readonly string[] {
  return results.flatMap(({ spec, skipped }) =>
    skipped
      .filter((skip) => !isAllowed(spec, skip))
      .map(({ name, reason }) => `${spec}: ${name}: ${reason || "skipped without a reason"}`),
  );
}

function isAllowed(spec: string, { name, reason }: Skip): boolean {
  if (process.getuid?.() !== 0 && withoutUid0.test(reason)) return true;
  return allowed.some((one) => spec.startsWith(one.spec) && one.name.test(name));
}
