import type { Skip, SpecResult } from "./messages.js";

/** Without uid 0 these reasons are enough. With uid 0, on Debian, nothing is skipped. */
const withoutUid0 = /uid 0|not installed|needs systemd-nspawn|no OpenSSH server|no ssh program/;

/** The tests that were skipped and may not be, a line each. */
export function notAllowed(results: readonly SpecResult[]): readonly string[] {
  return results.flatMap(({ spec, skipped }) =>
    skipped
      .filter((skip) => !isAllowed(skip))
      .map(({ name, reason }) => `${spec}: ${name}: ${reason || "skipped without a reason"}`),
  );
}

function isAllowed({ reason }: Skip): boolean {
  return process.getuid?.() !== 0 && withoutUid0.test(reason);
}
