/**
 * Flags as members of zod schemas: what a flag comes to is said once, for commander, for the types of those
 * who are given the options, and for whoever reads them again in a journal.
 */
import { type Command, InvalidArgumentError, Option, type OptionValues } from "commander";
import { z } from "zod";
import { defined } from "../../core/index.js";

/** A sort of value that flags have. */
export interface Sort<S extends z.ZodType> {
  readonly schema: S;
  /** What the word comes to, after what the flag had come to before. By default it is the word. */
  readonly read?: (word: string, before: unknown) => unknown;
  /** What the person is told whose word the schema refuses. */
  readonly expected?: string;
  /** The only words there are. */
  readonly choices?: readonly string[];
  /** The value as a person would write it. */
  readonly inWords?: (value: z.output<S>) => string;
}

/** How commander knows a flag. */
interface Flag {
  readonly options: readonly Option[];
  /** What it comes to, of all that commander has read. Undefined: it was not given. */
  readonly valueIn: (given: OptionValues) => unknown;
}

/** In the order in which they were made, which is that in which help lists them. */
const flags = new Map<z.ZodType, Flag>();
const groups = new Map<z.ZodType, z.ZodObject>();

/** A flag that may be left out. */
export function optional<S extends z.ZodType>(words: string, description: string, sort: Sort<S>) {
  return single(sort.schema.exactOptional(), optionOf(words, description, sort));
}

/** A flag that is as if that had been said when it is left out. */
export function preset<S extends z.ZodType>(
  value: z.output<S> & z.core.util.NoUndefined<z.output<S>>,
  words: string,
  description: string,
  sort: Sort<S>,
) {
  const option = optionOf(words, description, sort);
  // That a switch is off when nobody turns it on need not be told.
  if (value !== false) option.default(value, sort.inWords?.(value));
  return single(sort.schema.default(value), option);
}

/** A flag that has to be said. */
export function required<S extends z.ZodType>(words: string, description: string, sort: Sort<S>) {
  // Of its own: other flags may be of the same sort.
  const schema = sort.schema.clone();
  return single(schema, optionOf(words, description, sort).makeOptionMandatory());
}

/** The schema as that of a flag, which these options are together, and what it comes to of them. */
export function flag<S extends z.ZodType>(
  schema: S,
  options: Flag["options"],
  valueIn: Flag["valueIn"],
): S {
  flags.set(schema, { options, valueIn });
  return schema;
}

function single<S extends z.ZodType>(schema: S, option: Option): S {
  return flag(schema, [option], (given) => given[option.attributeName()]);
}

/** Flags that are one member of the options. */
export function group<S extends z.ZodRawShape>(shape: S) {
  const schema = z.strictObject(shape);
  const whole = schema.prefault({} as z.input<typeof schema>); // none of a group's flags is required
  groups.set(whole, schema);
  return whole;
}

/** The command has the flags of the schema. */
export function addFlags(command: Command, schema: z.ZodObject): void {
  const own = new Set(membersOf(schema));
  for (const [member, { options }] of flags) {
    if (own.has(member)) for (const option of options) command.addOption(option);
  }
}

/** What the command line says, of what commander has read. */
export function optionsIn<S extends z.ZodObject>(schema: S, given: OptionValues): z.output<S> {
  return schema.parse(valuesIn(schema, given));
}

function membersOf(schema: z.ZodObject): readonly z.ZodType[] {
  return Object.values(schema.shape as Record<string, z.ZodType>).flatMap((member) => {
    const inner = groups.get(member);
    return inner ? membersOf(inner) : [member];
  });
}

function valuesIn(schema: z.ZodObject, given: OptionValues): object {
  const members = Object.entries(schema.shape as Record<string, z.ZodType>);
  const values = members.map(([key, member]) => {
    const inner = groups.get(member);
    return [key, inner ? valuesIn(inner, given) : flags.get(member)?.valueIn(given)];
  });
  return defined(Object.fromEntries(values) as Record<string, unknown>);
}

function optionOf<S extends z.ZodType>(words: string, description: string, sort: Sort<S>): Option {
  const { schema, read = (word) => word, expected, choices } = sort;
  const option = new Option(words, description);
  if (choices) return option.choices(choices);
  if (!sort.read && expected === undefined) return option;
  return option.argParser((word: string, before: unknown) => {
    const value = read(word, before);
    if (schema.safeParse(value).success) return value;
    throw new InvalidArgumentError(expected ?? "");
  });
}
