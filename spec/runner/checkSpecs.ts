/**
 * What holds for all specs' sources: every program that one starts is of a package that is named in
 * `testbed/debian.ts`, every generator takes the run's seed, and those that are to run alone exist.
 * Prints what does not hold, a line each.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { minimal, packages, promised } from "../testbed/debian.js";
import { exclusive } from "./exclusive.js";

const known = new Set(
  [minimal, promised, packages].flatMap((one) => Object.values(one).flat()).concat("node", "npm"),
);
const callers = [
  ...["spawn", "spawnSync", "execFile", "execFileSync", "promisify\\(execFile\\)"],
  ...["mustRun", "hasCommand", "findProgram", "missing"],
];
/** A call whose first words are literals, without a directory other than those of programs. */
const call = new RegExp(
  `(?<![.\\w])(?:${callers.join("|")})\\(\\s*((?:"(?:/usr)?(?:/s?bin/)?[\\w.+-]+"[,\\s]*)+)`,
  "g",
);

const problems = readdirSync("spec", { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .flatMap((name) => problemsOf(path.join("spec", name)))
  .concat(
    [...exclusive.keys()]
      .filter((name) => !existsSync(path.join("spec", name)))
      .map((name) => `spec/runner/exclusive.ts: there is no ${name}`),
  );
for (const problem of problems) console.error(problem);
process.exit(problems.length > 0 ? 1 : 0);

function problemsOf(file: string): readonly string[] {
  const text = readFileSync(file, "utf8");
  const programs = [...text.matchAll(call)].flatMap(([all, words = ""]) => {
    const literals = [...words.matchAll(/"([^"]+)"/g)].map(([, word = ""]) => path.basename(word));
    // Only `missing` takes several programs; for the others what follows are arguments.
    return all.startsWith("missing") ? literals : literals.slice(0, 1);
  });
  const unknown = programs
    .filter((name) => !known.has(name))
    .map((name) => `${file}: starts ${name}, which no package of spec/testbed/debian.ts has`);
  const isOwn = file === path.join("spec", "helpers", "seeded.ts");
  const unseeded = !isOwn && /from "fast-[c]heck"/.test(text);
  return unseeded
    ? [...unknown, `${file}: takes fast-check without spec/helpers/seeded.ts`]
    : unknown;
}
