import { defined } from "../../core/index.js";
import { type Propspec, UsageError, unapplied } from "../../engine/index.js";
import { modulesIn } from "../../engine/modules/index.js";
import { evaluateExpressions } from "../consfig/expressions.js";
import { loadConsfig } from "../consfig/load.js";
import { type DeployOptions, deployable, only, startRun } from "./deploy.js";

/** Hosts have (or, unapplied, no longer have) the properties that the command line says. */
export async function apply(
  words: readonly string[],
  options: DeployOptions<"apply">,
): Promise<number> {
  const names = words.filter(isName);
  const expressions = words.filter((word) => !isName(word));
  assertComplete(names, expressions, options.all);
  const { consfig, loaded = [] } = await loadConsfig(options.consfig, {
    properties: modulesIn("properties").filter((name) => isNamedIn(expressions, name)),
    also: (consfig) => evaluateExpressions(consfig, expressions),
  });
  const props = options.unapply ? loaded.map(undone).reverse() : loaded;
  const hosts = await deployable(consfig, names);
  return startRun(
    hosts.map((host) => only(host, props)),
    consfig,
    { name: "apply", words: expressions },
    options,
  );
}

/** Whether the word chooses hosts; expressions have parentheses, and none begins with `@`. */
function isName(word: string): boolean {
  return /^!?(@.+|[\w.*?[\]{},!-]+)$/.test(word);
}

/** Whether the expressions may use the module: then it has to be wherever they are applied. */
function isNamedIn(expressions: readonly string[], module: string): boolean {
  return expressions.some((text) => new RegExp(`\\b${module}\\b`).test(text));
}

/** @throws UsageError */
function assertComplete(
  names: readonly string[],
  expressions: readonly string[],
  all: boolean,
): void {
  const example = `e.g. consfig apply web1 'apt.installed("htop")'`;
  if (expressions.length === 0) {
    const bare = names.find((name) => modulesIn("properties").includes(name.replace(/\..*/, "")));
    const hint = bare === undefined ? example : `call it: ${bare}(…); ${example}`;
    throw new UsageError("no property is given", { hint });
  }
  if (names.length === 0 && !all) {
    throw new UsageError("no host is given", { hint: `name some, or say --all; ${example}` });
  }
  if (names.length > 0 && all) throw new UsageError("--all and names of hosts exclude each other");
}

/** Properties that cannot be unapplied say so when their turn comes. */
function undone(prop: Propspec): Propspec {
  const { at } = prop;
  return { ...unapplied(prop as Propspec<"posix", true>), ...defined({ at }) };
}
