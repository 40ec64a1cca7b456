/** Schemas of the arguments that many properties have, and the small facts about paths. */
import { z } from "zod";
import type { FileStat } from "../../engine/index.js";

/** A path that starts at the root, without `..`. Doubled and trailing slashes and `.` are dropped. */
export const absolutePath = z
  .string()
  .startsWith("/", "expected an absolute path")
  .refine((path) => !path.includes("\0"), "a path cannot contain a NUL byte")
  .refine((path) => !path.split("/").includes(".."), "expected a path without ..")
  .transform((path) => `/${partsOf(path).join("/")}`);

/** The path of something that is to be, or not to be, there: anything but `/`. */
export const pathBelowRoot = absolutePath.refine((path) => path !== "/", "the path is /");

/** What one gets by forgetting the `0o` of a usual mode, and what is no mode that anyone wants. */
const forgotten = new Set([
  550, 555, 600, 640, 644, 660, 664, 666, 700, 710, 711, 750, 751, 755, 770, 775, 777, 1777, 2755,
  2775,
]);

/** Permission, set-id and sticky bits. */
export const mode = z
  .int()
  .min(0)
  .max(0o7777)
  .refine((bits) => !forgotten.has(bits), {
    error: ({ input }) => `${input} is 0o${Number(input).toString(8)}; write 0o${input}`,
  });

/** A user or group: by name, or by number. */
export const account = z.union([
  z.string().regex(/^[^\s:-][^\s:]*$/, "expected the name of a user or group"),
  z.int().nonnegative(),
]);

/** Mode and owner of what is made. What is left out is kept as it is. */
export const attributes = z.strictObject({
  mode: mode.exactOptional(),
  user: account.exactOptional(),
  group: account.exactOptional(),
});

/** Mode and owner of what is made. What is left out is kept as it is. */
export interface Attributes {
  readonly mode?: number;
  readonly user?: string | number;
  readonly group?: string | number;
}

/** Whether mode and owner are as wanted, where something is wanted. */
export function hasAttributes(stat: FileStat, { mode, user, group }: Attributes): boolean {
  const isAs = (wanted: string | number | undefined, name: string, id: number) =>
    wanted === undefined || wanted === name || String(wanted) === String(id);
  return (
    (mode === undefined || stat.mode === mode) &&
    isAs(user, stat.user, stat.uid) &&
    isAs(group, stat.group, stat.gid)
  );
}

/** The directory the path is in. */
export function parentOf(path: string): string {
  return `/${partsOf(path).slice(0, -1).join("/")}`;
}

function partsOf(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}
