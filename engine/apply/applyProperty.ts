import { inspect } from "node:util";
import { BrokenProperty, FailedChange } from "../base/index.js";
import {
  type Direction,
  type Finding,
  type LookingHost,
  type NodeHost,
  type Outcome,
  type PreparedApp,
  type PreparedCombination,
  propertyOf,
} from "../model/index.js";
import type { ApplyPlace, ApplyState } from "./applyState.js";
import { checkOf } from "./checks.js";

/** What applying a property asks of the application that it is a part of. */
interface PropertyContext {
  readonly state: ApplyState;
  readonly place: Pick<ApplyPlace, "within" | "account">;
  readonly looking: LookingHost;
  readonly host: NodeHost;
  /** What the property stands for is applied, or unapplied. */
  expand(expansion: PreparedCombination): Promise<Outcome>;
  /** What the property stands for need not be. */
  leaveOut(expansion: PreparedCombination): void;
}

/** The property is checked and, where it does not hold already, applied; or unapplied where it does. */
export async function applyProperty(
  node: PreparedApp,
  direction: Direction,
  { state, place, looking, host, expand, leaveOut }: PropertyContext,
): Promise<Outcome> {
  const { expansion } = node;
  const property = propertyOf(node.property);
  if (direction === "unapply") state.undone.add(node.path);
  const check = checkOf(node, looking);
  if (check) {
    const holds = await findingOf(node, check, state);
    if (holds === (direction === "apply")) {
      if (expansion) leaveOut(expansion);
      return "unchanged";
    }
  }
  if (expansion) return expand(expansion);
  // A property without a check, of which nothing tells whether it holds, is not done twice.
  if (!check && direction === "apply" && isDone(node, place.within, state)) return "unchanged";
  const subroutine = property[direction];
  if (subroutine) return changing(() => subroutine(host, ...node.args), direction, state, place);
  if (!property.apply) return "unchanged";
  throw new FailedChange(`${node.property} cannot be unapplied`, {
    hint: "say what undoing it means with withUnapply([…], […])",
  });
}

/**
 * What the check finds once the host is locked: it is asked again if something has changed until
 * then.
 */
async function findingOf(
  { path }: PreparedApp,
  check: () => Promise<Finding>,
  { lookahead, locked }: ApplyState,
): Promise<Finding> {
  const { epoch } = lookahead;
  const finding = await lookahead.take(path, check);
  await locked;
  return lookahead.epoch === epoch ? finding : lookahead.take(path, check);
}

/** Whether an earlier run has done it, and this one has not undone it. */
function isDone({ path }: PreparedApp, within: string, { terms, undone }: ApplyState): boolean {
  return terms.earlier?.ended[within + path] !== undefined && !undone.has(path);
}

/**
 * Calls apply or unapply, and notes a change: a node property may change the host without
 * `HostWriter`.
 */
async function changing(
  subroutine: () => unknown,
  direction: Direction,
  { changes, hold, lookahead }: ApplyState,
  { account }: Pick<ApplyPlace, "account">,
): Promise<Outcome> {
  let outcome: Outcome = "changed";
  try {
    outcome = outcomeOf(await subroutine(), direction);
    return outcome;
  } finally {
    if (outcome === "changed") {
      changes.count++;
      // Whoever waits for the lock has changed nothing yet.
      if (hold.isHeld) account.mayHaveChanged = true;
      lookahead.changed();
    }
  }
}

/** What a property's subroutine says it did. @throws BrokenProperty when it says nothing of the sort */
function outcomeOf(value: unknown, direction: Direction): Outcome {
  if (value === "changed" || value === "unchanged") return value;
  throw new BrokenProperty(`its ${direction} returned ${inspect(value, { depth: 0 })}`, {
    hint: `${direction} must return "changed" or "unchanged"`,
  });
}
