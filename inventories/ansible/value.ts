/** The value of a variable: what JSON can say. */
export type Value =
  | string
  | number
  | boolean
  | null
  | readonly Value[]
  | { readonly [name: string]: Value };

/** Variables by name; the last one said wins. */
export type Vars = Map<string, Value>;

/** Whether the value has members with names. */
export function isMapping(value: unknown): value is { readonly [name: string]: Value } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
