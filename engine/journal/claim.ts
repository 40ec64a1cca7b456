import { randomUUID } from "node:crypto";
import { isAlive, type ProcessIdentity, thisProcess } from "./process.js";
import type { RecordOf } from "./records.js";
import { scan } from "./scan.js";

/** A process's wish to go on with a run. */
export function newClaim(): RecordOf<"claimed"> {
  return { type: "claimed", session: randomUUID(), process: thisProcess() };
}

/**
 * Whether the claim, which is in the journal, is the one that counts: the first one of a process that
 * is still at it. Since lines are only appended, all that ask get the same answer.
 */
export async function isFirst(run: string, { session }: RecordOf<"claimed">): Promise<boolean> {
  const claims = new Map<string, ProcessIdentity>();
  await scan(run, {
    types: ["claimed", "left", "end"],
    record: (record) => {
      if (record.type === "claimed") claims.set(record.session, record.process);
      else if ("session" in record && record.session) claims.delete(record.session);
      return undefined;
    },
  });
  const [first] = [...claims].find(([, process]) => isAlive(process)) ?? [];
  return first === session;
}
