/** A process that goes on although the command that started it was stopped: it had left its group. */
export interface LeftProcess {
  readonly pid: number;
  /** Its command line, cut. */
  readonly command: string;
}

/** Said where a command was to be stopped, and the host has not told what came of it. */
export const unknownLeft = "it is not known what still runs there";

/** What is left, for people. */
export function describeLeft(processes: readonly LeftProcess[]): string {
  const named = processes.slice(0, 10).map(({ pid, command }) => `${pid} ${command}`);
  const more = processes.length - named.length;
  const rest = more > 0 ? `; and ${more} more` : "";
  return `still running after its command was stopped: ${named.join("; ")}${rest}`;
}
