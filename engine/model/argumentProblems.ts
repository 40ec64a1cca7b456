import type { z } from "zod";

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** Something that is wrong with arguments. */
interface Problem {
  readonly path: Path;
  readonly message: string;
  /**
   * Whether the value is of quite another kind: then the caller hardly meant the form that wants
   * this one.
   */
  readonly isMisfit: boolean;
}

/** What is wrong with the arguments, in words; of several forms that they can have, the nearest. */
export function problemsIn(issues: readonly Issue[], args: readonly unknown[]): string[] {
  return issues.flatMap((issue) => explained(issue, [], args)).map((one) => inWords(one));
}

function explained(issue: Issue, above: Path, args: readonly unknown[]): Problem[] {
  const path = [...above, ...issue.path];
  const forms = formsOf(issue).map((issues) =>
    issues.flatMap((inner) => explained(inner, path, args)),
  );
  const [first, ...others] = nearest(forms);
  if (!first) return [{ path, message: issue.message, isMisfit: isMisfit(issue, path, args) }];
  if (others.length === 0) return first;
  const complaints = (form: readonly Problem[]) => form.map((one) => inWords(one, path));
  const common = first.filter((one) =>
    others.every((form) => complaints(form).includes(inWords(one, path))),
  );
  if (common.length > 0) return common;
  const message = [first, ...others].map((form) => complaints(form).join(" and ")).join(", or ");
  return [{ path, message, isMisfit: first.some((one) => one.isMisfit) }];
}

/** What each form complains of, where the schema has several and no words of its own for that. */
function formsOf(issue: Issue): readonly (readonly Issue[])[] {
  return issue.code === "invalid_union" && issue.message === "Invalid input" ? issue.errors : [];
}

/** The forms with the fewest misfits; of these, the ones with the least to complain of. */
function nearest(forms: readonly Problem[][]): Problem[][] {
  const misfits = (form: readonly Problem[]) => form.filter((one) => one.isMisfit).length;
  const least = (some: readonly Problem[][], count: (form: readonly Problem[]) => number) => {
    const fewest = Math.min(...some.map(count));
    return some.filter((form) => count(form) === fewest);
  };
  return least(least(forms, misfits), (form) => form.length);
}

function isMisfit(issue: Issue, path: Path, args: readonly unknown[]): boolean {
  // In this way a list says that it has too many or too few members for its form.
  if (issue.code === "too_big" || issue.code === "too_small") return issue.origin === "array";
  if (issue.code !== "invalid_type" && issue.code !== "invalid_value") return false;
  const found = path.reduce<unknown>(
    (value, key) => (typeof value === "object" && value !== null ? Reflect.get(value, key) : value),
    args,
  );
  return found !== undefined;
}

/** The problem with its place, as seen from `from`. */
function inWords({ path, message }: Problem, from: Path = []): string {
  const [index, ...rest] = path;
  const inside = path.slice(Math.max(from.length, 1)).map(String).join(".");
  if (from.length > 0) return inside === "" ? message : `${inside}: ${message}`;
  const place = typeof index === "number" ? `argument ${index + 1}` : "the arguments";
  return `${place}${rest.length > 0 ? ` (${inside})` : ""}: ${message}`;
}
