import type { z } from "zod";
import { definedAt } from "./definition.js";
import { InvalidForm, InvalidFormData, UnknownForm } from "./errors.js";

declare const evaluatesTo: unique symbol;

/** A statically defined function applied to serialisable arguments; `V` is what it evaluates to. */
export interface Form<V = unknown> {
  readonly form: string;
  readonly args: readonly unknown[];
  /** Only for the compiler: there is no such field. */
  readonly [evaluatesTo]?: V;
}

/** What is said when a form is defined. */
export interface FormDefinition<A extends readonly unknown[], V> {
  /** Checked when the form is made and again where it is evaluated. */
  readonly args: z.ZodType<A>;
  /** Runs in another process: it sees its arguments and what its module holds, nothing else. */
  readonly evaluate: (...args: A) => V | Promise<V>;
  /** Checked where the form was asked for; without it the value is only known to be serialisable. */
  readonly value?: z.ZodType<V>;
}

interface Entry {
  readonly definition: FormDefinition<readonly unknown[], unknown>;
  readonly at: string;
}

const forms = new Map<string, Entry>();
let sealedBy: string | undefined;

/** No form can be defined any more: grandchildren are copies of this moment. */
export function sealForms(reason: string): void {
  sealedBy = reason;
}

/**
 * Defines a form, at the top level of a module, under an id that is unique in the program. Calling
 * the result evaluates nothing: it gives plain frozen data that {@link Form} describes.
 *
 * @throws InvalidForm
 */
export function form<A extends readonly unknown[], V>(
  id: string,
  definition: FormDefinition<A, V>,
): (...args: A) => Form<V> {
  const { at, isTopLevel } = definedAt();
  if (!/^[a-z][A-Za-z0-9]*(\.[a-z][A-Za-z0-9]*)*$/.test(id)) {
    throw new InvalidForm(`${JSON.stringify(id)} is no id for a form`, {
      hint: "use camelCase words joined by dots, file name first, e.g. `myApp.readUsers`",
    });
  }
  const first = forms.get(id);
  if (first) {
    throw new InvalidForm(`the form ${id} is defined twice: ${first.at} and ${at}`, {
      hint: "give one of them another id, or load its module once",
    });
  }
  if (sealedBy !== undefined) {
    throw new InvalidForm(`the form ${id} is defined too late, at ${at}: ${sealedBy}`, {
      hint: "import its module before the zygote is made",
    });
  }
  if (!isTopLevel) {
    throw new InvalidForm(`the form ${id} is defined inside a function, at ${at}`, {
      hint: "move the definition to the top level of its module and pass what varies as arguments",
    });
  }
  // The schema of this entry checks the arguments before its function sees them.
  forms.set(id, { definition: definition as unknown as Entry["definition"], at });
  return (...args) => Object.freeze({ form: id, args: Object.freeze(check(id, args)) });
}

/** Evaluates a form in this process. @throws what its function throws, UnknownForm, InvalidFormData */
export function evaluateForm(asked: Form): unknown {
  return lookUp(asked.form).definition.evaluate(...check(asked.form, asked.args));
}

/** What a form evaluated to, as its definition says it is. @throws InvalidFormData */
export function checkValue<V>(asked: Form<V>, value: unknown): V {
  const schema = lookUp(asked.form).definition.value;
  if (!schema) return value as V;
  const checked = schema.safeParse(value);
  if (checked.success) return checked.data as V;
  throw new InvalidFormData(
    `the value of ${asked.form} is not as defined: ${checked.error.message}`,
  );
}

function check(id: string, args: readonly unknown[]): readonly unknown[] {
  const checked = lookUp(id).definition.args.safeParse(args);
  if (checked.success) return checked.data;
  throw new InvalidFormData(`the arguments of ${id} are not as defined: ${checked.error.message}`);
}

function lookUp(id: string): Entry {
  const entry = forms.get(id);
  if (entry) return entry;
  throw new UnknownForm(`no form is called ${JSON.stringify(id)}`, {
    id,
    hint: `import the module that defines it; known: ${[...forms.keys()].slice(0, 40).join(", ")}`,
  });
}
