import { testbedUnavailable } from "../testbed/machine.js";
import type { Skip, SpecResult } from "./messages.js";

/** Where this machine cannot have a test bed these reasons are enough. Where it can, nothing is skipped. */
const withoutBed =
  /^test bed: |uid 0|not installed|needs systemd-nspawn|no OpenSSH server|no ssh program/;

/** The tests that were skipped and may not be, a line each. */
export function notAllowed(results: readonly SpecResult[]): readonly string[] {
  return results.flatMap(({ spec, skipped }) =>
    skipped
      .filter((skip) => !isAllowed(skip))
      .map(({ name, reason }) => `${spec}: ${name}: ${reason || "skipped without a reason"}`),
  );
}

function isAllowed({ reason }: Skip): boolean {
  return testbedUnavailable() !== undefined && withoutBed.test(reason);
}
