import type { Chain, Direction, Outcome, PreparedCombination } from "../model/index.js";
import { type Ending, leaveOut } from "../report/index.js";
import { type ApplyPlace, type ApplyState, reasonOf } from "./applyState.js";
import type { Endpoint } from "./endpoint.js";

/** The combination's host is deployed over hops that start where the connection ends. */
export async function subdeployment(
  node: PreparedCombination,
  hops: Chain,
  direction: Direction,
  state: ApplyState,
  around: ApplyPlace,
): Promise<Outcome> {
  const { host } = node;
  if (!host) throw new TypeError(`${node.combinator} was prepared without a host`);
  const { connection: outer, lookahead, openEndpoint, reporter, signal, terms } = state;
  const { depth, silent } = around;
  const place = { depth, silent, within: `${around.within}${node.path}/` };
  const begun = reporter.endedCount;
  let endpoint: Endpoint;
  try {
    await state.locked;
    endpoint = await openEndpoint(hops, { ...outer.context, hostname: host.name }, outer);
  } catch (error) {
    const reason = reasonOf(error, "no connection");
    leaveOut(reporter, [host.propspec], { ...place, reason, needed: true });
    throw error;
  }
  try {
    const outcome = await endpoint.apply({ host, direction, reporter, signal, ...place, terms });
    if (outcome === "changed") state.changes.count++;
    return outcome;
  } finally {
    for (const { item, ending } of reporter.endedSince(begun)) {
      if (!item.path.startsWith(place.within)) continue;
      if (ending.outcome === "failed") around.account.failures.push(ending.error);
      if (mayHaveChanged(ending)) around.account.mayHaveChanged = true;
    }
    // A check of this application may be about what was done over there.
    lookahead.changed();
    await endpoint.close();
  }
}

function mayHaveChanged({ outcome }: Ending): boolean {
  return outcome === "changed" || outcome === "interrupted" || outcome === "failed";
}
