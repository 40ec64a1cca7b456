import { UsageError } from "../../engine/base/index.js";
import { askedForm, type Form, knownForms, UnknownForm } from "../../zygote/client.js";
import { didYouMean } from "../suggest.js";

/** What the command line asks for: the id of a form, and its arguments as they were written. */
export interface Asked {
  readonly id: string;
  /** JSON, each. */
  readonly args: readonly string[];
}

/** `app.enter "/srv", 3`: the id, and its arguments separated by commas. */
export function askedInOneWord(word: string): Asked {
  const [, id = "", rest = ""] = /^\s*(\S*)\s*(.*?)\s*$/s.exec(word) ?? [];
  return { id, args: rest === "" ? [] : elementsOf(rest) };
}

/** @throws UnknownForm */
export function assertKnown({ id }: Asked): void {
  const known = knownForms().map((form) => form.id);
  if (known.includes(id)) return;
  const hint =
    known.length > 0
      ? didYouMean(id, known)
      : "the consfig defines none, nor does anything it imports; `form(…)` defines one";
  throw new UnknownForm(`no form is called ${JSON.stringify(id)}`, { id, hint });
}

/** The form with its arguments. @throws UsageError, InvalidFormData */
export function readAsked({ id, args }: Asked): Form {
  const values = args.map((text, index) => parsed(text, `argument ${index + 1} of ${id}`));
  return askedForm(id, values);
}

function elementsOf(text: string): readonly string[] {
  const values = parsed(`[${text}]`, "what follows the form's id") as readonly unknown[];
  return values.map((value) => JSON.stringify(value));
}

function parsed(text: string, what: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new UsageError(`${what} is no JSON: ${text}`, {
      hint: `arguments are JSON, so a string has quotes of its own: '"web1"'`,
    });
  }
}
