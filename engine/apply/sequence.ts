import {
  AbortedChange,
  ConnectionLost,
  ConsfigError,
  FailedChange,
  isError,
} from "../base/index.js";
import type { Outcome, Prepared, SequenceOptions } from "../model/index.js";
import { reasonOf } from "./applyState.js";

/** What a sequence asks of the application that it is a part of. */
export interface SequenceSteps {
  /** The prop, which stands first of those that are left, is applied or unapplied. */
  step(prop: Prepared, left: readonly Prepared[]): Promise<Outcome>;
  /** See {@link Applier.leaveOut}. */
  leaveOut(props: readonly Prepared[], reason: string, needed?: boolean): void;
  /** Whether the connection is still there. */
  readonly isConnected: () => boolean;
}

/** Applies or unapplies the props in that order, one after the other. */
export async function sequence(
  props: readonly Prepared[],
  { skip, until }: Omit<SequenceOptions, "direction">,
  { step, leaveOut, isConnected }: SequenceSteps,
): Promise<Outcome> {
  let outcome: Outcome = "unchanged";
  for (const [index, prop] of props.entries()) {
    try {
      if ((await step(prop, props.slice(index))) === "changed") outcome = "changed";
    } catch (error) {
      const lost = isError(error, ConnectionLost) && !isConnected();
      const rest = props.slice(index + 1);
      if (skip && isError(error, FailedChange) && !lost) {
        if (!isError(error, AbortedChange)) outcome = "changed";
      } else if (until && error instanceof ConsfigError && error.codes.includes(until)) {
        leaveOut(rest, "an earlier step is not for here", false);
        return isError(error, AbortedChange) ? outcome : "changed";
      } else {
        leaveOut(rest, reasonOf(error, "an earlier step failed"));
        throw error;
      }
    }
  }
  return outcome;
}

/**
 * Waits until all branches have come to their end; then the first failure, if any, is thrown. One that is
 * more than a failed change goes first: what is around the branches does not go on after it.
 */
export async function atOnce(branches: readonly Promise<Outcome>[]): Promise<Outcome> {
  const ended = await Promise.allSettled(branches);
  const failed = ended.filter((branch) => branch.status === "rejected");
  const gravest = failed.find(({ reason }) => !isError(reason, FailedChange)) ?? failed[0];
  if (gravest) throw gravest.reason;
  return ended.some((branch) => branch.status === "fulfilled" && branch.value === "changed")
    ? "changed"
    : "unchanged";
}
