import type { z } from "zod";
import { registry } from "../core/definitions/index.js";
import { InvalidForm, InvalidFormData, UnknownForm } from "./errors.js";
import { assertSendable } from "./frames.js";

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

type AnyDefinition = FormDefinition<readonly unknown[], unknown>;

const forms = registry<AnyDefinition>("form", {
  folder: new URL(".", import.meta.url),
  invalid: InvalidForm,
  unknown: UnknownForm,
});

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
  // The schema of this entry checks the arguments before its function sees them.
  forms.define(id, definition as unknown as AnyDefinition);
  return (...args) => askedForm(id, args) as Form<V>;
}

/**
 * The form of that id with these arguments, for who knows no more than its id.
 *
 * @throws UnknownForm, InvalidFormData, FrameRejected if an argument cannot be sent to another process
 */
export function askedForm(id: string, args: readonly unknown[]): Form {
  const checked = check(id, args);
  assertSendable(checked, id);
  return Object.freeze({ form: id, args: Object.freeze(checked) });
}

/** The form as it travels: with nothing that somebody has added to it. */
export function plainForm({ form, args }: Form): { form: string; args: readonly unknown[] } {
  return { form, args };
}

/** All forms that people have defined and where: without this program's own. */
export function knownForms(): readonly { readonly id: string; readonly at: string | undefined }[] {
  const ids = forms.ids().filter((id) => !forms.isOurs(id));
  return ids.map((id) => ({ id, at: forms.placeOf(id) }));
}

/** Evaluates a form in this process. @throws what its function throws, UnknownForm, InvalidFormData */
export function evaluateForm(asked: Form): unknown {
  return forms.get(asked.form).evaluate(...check(asked.form, asked.args));
}

/** What a form evaluated to, as its definition says it is. @throws InvalidFormData */
export function checkValue<V>(asked: Form<V>, value: unknown): V {
  const schema = forms.get(asked.form).value;
  if (!schema) return value as V;
  const checked = schema.safeParse(value);
  if (checked.success) return checked.data as V;
  throw new InvalidFormData(
    `the value of ${asked.form} is not as defined: ${inWords(checked.error)}`,
    { form: asked.form, at: forms.placeOf(asked.form) },
  );
}

function check(id: string, args: readonly unknown[]): readonly unknown[] {
  const checked = forms.get(id).args.safeParse(args);
  if (checked.success) return checked.data;
  throw new InvalidFormData(
    `the arguments of ${id} are not as defined: ${inWords(checked.error, "argument ")}`,
    { form: id, at: forms.placeOf(id) },
  );
}

/** People count arguments from 1. */
function inWords({ issues }: z.ZodError, prefix = ""): string {
  const said = issues.map(({ path, message }) => {
    const [first, ...rest] = prefix === "" ? ["", ...path] : path;
    const place = [typeof first === "number" ? first + 1 : first, ...rest].join(".");
    return place === "" ? message : `${prefix}${place.replace(/^\./, "")}: ${message}`;
  });
  return said.join("; ");
}
