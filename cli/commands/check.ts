import path from "node:path";
import { InvalidConsfig, isError } from "../../engine/base/index.js";
import { doesNotCompile } from "../../engine/modules/index.js";
import { findConsfig } from "../consfig/find.js";
import { loadConsfig } from "../consfig/load.js";
import { typeProblems } from "../consfig/typeCheck.js";
import { exitCode } from "../exitCode.js";
import { obstaclesOf } from "../preflight.js";
import { type Reported, reportErrors } from "../render/report.js";
import { several } from "../render/words.js";

/** The consfig is checked as far as that is possible without contacting a host. */
export async function check(options: { consfig?: string; verbosity: number }): Promise<number> {
  const file = findConsfig(options.consfig);
  const [problems, loading] = await Promise.all([
    typeProblems(file),
    loadConsfig(file).then(
      ({ consfig }) => ({ consfig }),
      (error: unknown) => ({ error }),
    ),
  ]);
  const errors: Reported[] = [];
  if (problems.length > 0) {
    errors.push({ error: doesNotCompile(path.relative("", file), problems) });
  }
  if ("consfig" in loading) errors.push(...obstaclesOf(loading.consfig.hosts));
  else if (problems.length === 0 || !isProblem(loading.error)) errors.push(loading);
  await reportErrors(errors, options.verbosity);
  if (errors.length > 0) return exitCode.usage;
  const count = "consfig" in loading ? loading.consfig.hosts.length : 0;
  process.stdout.write(`${several(count, "host")}, no problems found\n`);
  return exitCode.ok;
}

/** Whether the code could not even be compiled: then the check of types has told why already. */
function isProblem(error: unknown): boolean {
  return isError(error, InvalidConsfig) && error.facts.problems !== undefined;
}
