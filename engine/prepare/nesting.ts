import { InvalidArgument } from "../base/index.js";

const deepest = 64;

/**
 * Nothing, if propspecs may be nested so deep. It is the same wherever a host is prepared or arrives:
 * what this lets through fits into a message to another process.
 *
 * @throws InvalidArgument
 */
export function assertNesting(depth: number): void {
  if (depth <= deepest) return;
  throw new InvalidArgument(`a propspec is nested more than ${deepest} deep`, {
    hint: "does one of its properties expand to itself?",
  });
}
