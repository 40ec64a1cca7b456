/**
 * On what terms a propspec is applied: what whoever deploys has asked for, carried as one member from the
 * options of a deployment to its hops and commands, whatever threads and processes are in between.
 */
import { z } from "zod";
import { hostLock } from "../connect/index.js";
import { hopTerms } from "../model/index.js";
import { commandTerms } from "../shell/index.js";

const earlierRun = z.strictObject({
  /** How items ended, by their paths; `-` at the end of one: it was unapplied. */
  ended: z.record(z.string(), z.enum(["changed", "unchanged"])).readonly(),
  /** Whether it may have done more than is known. */
  interrupted: z.boolean(),
});

/** What a run that did not come to its end is known to have done of the same deployment. */
export type Earlier = Readonly<z.infer<typeof earlierRun>>;

/** All terms there are. What is asked of hops or of commands is said where these are. */
export const applyTerms = z.strictObject({
  ...hopTerms.shape,
  ...commandTerms.shape,
  /**
   * What must be held before anything is changed: nobody else who asks for it can deploy the host
   * meanwhile, as the same account. Left out: no lock, or it is held already. Where a host has no
   * `flock` that is told, and there is no lock.
   */
  lock: hostLock.readonly().exactOptional(),
  /** What is known to have been done of it before. */
  earlier: earlierRun.readonly().exactOptional(),
});

/** See {@link applyTerms}. */
export type ApplyTerms = Readonly<z.infer<typeof applyTerms>>;

/** Those of the members that the schema has, without those that are undefined. */
export function partOf<S extends z.ZodObject>(schema: S, all: Readonly<z.infer<S>>): z.infer<S> {
  const own = Object.entries(all).filter(
    ([key, value]) => key in schema.shape && value !== undefined,
  );
  return Object.fromEntries(own) as z.infer<S>;
}
