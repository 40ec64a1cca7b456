/**
 * What can cross from one process to another, and be an argument of a property, combinator, hop or
 * form: plain data.
 *
 * Functions, class instances, `undefined`, symbols, bigints, NaN and cycles are not: the code is on
 * both sides already, only ids and data travel.
 */
export type Wire =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | readonly Wire[]
  | { readonly [key: string]: Wire | undefined };
