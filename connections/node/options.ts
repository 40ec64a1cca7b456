import { z } from "zod";

/** Where a Node is found, or brought from. */
export type NodeSource = "cached" | "system" | "packages" | "upload";

/** All sources of a Node, in the order in which they are tried. */
export const allSources: readonly NodeSource[] = ["cached", "system", "packages", "upload"];

/** Which Node an image is. */
export interface NodeOptions {
  /** The program itself: no other is looked for, and none is brought. */
  readonly path?: string;
  /**
   * What is tried, in this order; all by default:
   *
   * - `cached`: one that was uploaded earlier, in `~/.cache/consfigurator/node`
   * - `system`: `node` or `nodejs` on the PATH, or in the usual places
   * - `packages`: the host's packages, where they have one that is new enough (uid 0, apt)
   * - `upload`: the one that runs the `consfig` command, if it can run there too
   */
  readonly from?: readonly NodeSource[];
}

/** The schema of them. */
export const nodeOptions: z.ZodType<NodeOptions> = z.strictObject({
  path: z.string().startsWith("/").exactOptional(),
  from: z
    .array(z.enum(["cached", "system", "packages", "upload"]))
    .min(1)
    .exactOptional(),
});

/** The sources that are to be tried. */
export function sourcesOf({ path, from = allSources }: NodeOptions): readonly NodeSource[] {
  return path === undefined ? from : [];
}
