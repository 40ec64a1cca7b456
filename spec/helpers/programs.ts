import { hasCommand } from "../testbed/machine.js";

/** Which of the programs this machine lacks, for `skip`. */
export function missing(...programs: readonly string[]): string | false {
  const left = programs.filter((name) => !hasCommand(name));
  return left.length > 0 && `${left.join(", ")} not installed`;
}
