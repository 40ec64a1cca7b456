/** What the command's exit codes mean. They are frozen. */
export const exitCode = {
  ok: 0,
  /** The command line or the consfig asks for what cannot be. */
  usage: 1,
  failed: 3,
  /** Some hosts could not be reached, and nothing else failed. */
  unreachable: 4,
  /** Somebody else deploys some hosts, and nothing else went wrong. */
  lockHeld: 5,
  /** A form took too long; as timeout(1) has it. */
  timedOut: 124,
  interrupted: 130,
  terminated: 143,
} as const;
