import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { UsageError } from "../../engine/base/index.js";
import { importable, ourZodFor, ownCache, type Problem } from "../../engine/modules/index.js";
import { compiledPath, packageUrl } from "../package.js";
import { foreignPartOfCode } from "./find.js";

type CompilerOptions = Readonly<Record<string, unknown>> & {
  readonly paths?: Readonly<Record<string, readonly string[]>>;
};

/** Options for a consfig that comes without a `tsconfig.json`. */
const defaults: CompilerOptions = {
  target: "es2023",
  lib: ["es2023"],
  module: "esnext",
  moduleResolution: "bundler",
  strict: true,
  allowJs: true,
  resolveJsonModule: true,
};

/** What the TypeScript compiler says against the consfig and what it imports, by its own rules. */
export async function typeProblems(file: string): Promise<readonly Problem[]> {
  const compiler = compilerFor(file);
  const theirs = nearest(path.dirname(file), "tsconfig.json");
  const options = theirs ? await optionsIn(theirs, compiler) : defaults;
  const directory = mkdtempSync(path.join(ownCache(), "check-"));
  try {
    const project = path.join(directory, "tsconfig.json");
    const config = {
      ...(theirs ? { extends: theirs } : {}),
      compilerOptions: { ...(theirs ? {} : defaults), ...ourOptions(file, options) },
      files: [file],
      include: [],
      references: [],
    };
    writeFileSync(project, JSON.stringify(config));
    const { exitCode, output } = await run(compiler, ["-p", project, "--pretty", "false"]);
    const problems = problemsIn(output);
    if (exitCode === 0 || problems.length > 0) return problems;
    throw new UsageError("the TypeScript compiler failed", { command: compiler, exitCode, output });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The consfig's own compiler if it has one, for its own version's rules. */
function compilerFor(file: string): string {
  const own = nearest(path.dirname(file), "node_modules/typescript/bin/tsc");
  // One above may be somebody else's, e.g. in /tmp.
  if (own && foreignPartOfCode(own) === undefined) return own;
  const manifest = createRequire(import.meta.url).resolve("typescript/package.json");
  return path.join(path.dirname(manifest), "bin/tsc");
}

/** What the configuration comes to, with paths as they can be used from anywhere. */
async function optionsIn(config: string, compiler: string): Promise<CompilerOptions> {
  const { output, exitCode } = await run(compiler, ["-p", config, "--showConfig"]);
  const shown = output.indexOf("{");
  if (exitCode !== 0 || shown < 0) return {}; // whatever is wrong with it will be said again
  const { compilerOptions = {} } = JSON.parse(output.slice(shown)) as {
    compilerOptions?: CompilerOptions;
  };
  const base = path.dirname(config);
  const absolute = Object.entries(compilerOptions.paths ?? {}).map(([name, targets]) => [
    name,
    targets.map((target) => path.resolve(base, target)),
  ]);
  return { ...compilerOptions, paths: Object.fromEntries(absolute) };
}

/** What makes it a check of this consfig against this copy of the package. */
function ourOptions(file: string, { paths, types, typeRoots }: CompilerOptions): CompilerOptions {
  const folder = path.dirname(file);
  const roots = [folder, fileURLToPath(packageUrl)].flatMap((start) => [
    ...everyNearest(start, "node_modules/@types"),
  ]);
  const hasNode = roots.some((root) => existsSync(path.join(root, "node")));
  const ours = importable.map((one) => [
    `consfigurator/${one}/*`,
    [compiledPath(`${one}/*/index.d.ts`)],
  ]);
  const zod = createRequire(import.meta.url).resolve("zod/package.json");
  return {
    noEmit: true,
    rootDir: path.parse(file).root,
    composite: false,
    incremental: false,
    skipLibCheck: true,
    allowImportingTsExtensions: true,
    ...(/\.m?js$/.test(file) ? { allowJs: true } : {}),
    ...(typeRoots ? {} : { typeRoots: roots }),
    ...(types || !hasNode ? {} : { types: ["node"] }),
    paths: {
      ...paths,
      consfigurator: [compiledPath("engine/index.d.ts")],
      "consfigurator/fleet": [compiledPath("engine/fleet/index.d.ts")],
      "consfigurator/zygote": [compiledPath("zygote/index.d.ts")],
      ...Object.fromEntries(ours),
      ...(ourZodFor(folder) ? { zod: [path.join(path.dirname(zod), "index.d.ts")] } : {}),
    },
  };
}

/** `file(line,column): error TS1234: text`, and lines that go on with the text. */
function problemsIn(output: string): readonly Problem[] {
  const problems: Problem[] = [];
  for (const line of output.split(/\r?\n/)) {
    const [, file, row, column, text] = /^(.+?)\((\d+),(\d+)\): error (.*)$/.exec(line) ?? [];
    const elsewhere = /^error (.*)$/.exec(line)?.[1];
    const last = problems.at(-1);
    if (file !== undefined && text !== undefined) {
      const excerpt = excerptOf(file, Number(row), Number(column));
      problems.push({ at: `${file}:${row}:${column}`, text, ...(excerpt ? { excerpt } : {}) });
    } else if (elsewhere !== undefined) problems.push({ text: elsewhere });
    else if (last && /^\s+\S/.test(line)) {
      problems[problems.length - 1] = { ...last, text: `${last.text}\n${line}` };
    }
  }
  return problems;
}

function excerptOf(file: string, row: number, column: number) {
  try {
    const line = readFileSync(file, "utf8").split(/\r?\n/)[row - 1];
    return line === undefined ? undefined : { line, column: column - 1, length: 1 };
  } catch {
    return undefined;
  }
}

function nearest(start: string, name: string): string | undefined {
  return everyNearest(start, name).next().value;
}

function* everyNearest(start: string, name: string): Generator<string, undefined> {
  for (let directory = start; ; directory = path.dirname(directory)) {
    const file = path.join(directory, name);
    if (existsSync(file)) yield file;
    if (directory === path.dirname(directory)) return undefined;
  }
}

function run(
  script: string,
  words: readonly string[],
): Promise<{ exitCode: number | string; output: string }> {
  const options = { maxBuffer: 64 * 1024 * 1024, encoding: "utf8" } as const;
  return new Promise((resolve) => {
    execFile(process.execPath, [script, ...words], options, (error, stdout, stderr) => {
      resolve({ exitCode: error ? (error.code ?? 1) : 0, output: stdout + stderr });
    });
  });
}
