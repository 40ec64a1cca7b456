import { existsSync, mkdirSync, realpathSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { UsageError } from "../../engine/base/index.js";
import { packageUrl, packageVersion } from "../package.js";

/** A directory has all that a consfig needs. What is there already stays as it is. */
export async function init(directory = "."): Promise<number> {
  try {
    fill(directory);
  } catch (error) {
    if (!(error instanceof Error && "syscall" in error)) throw error;
    throw new UsageError(`no consfig can be started in ${directory}: ${error.message}`);
  }
  const inside = path.resolve(directory) === process.cwd() ? "" : `cd ${directory}, `;
  process.stdout.write(`\nnext: ${inside}npm install, npx consfig check, npx consfig deploy\n`);
  return 0;
}

function fill(directory: string): void {
  mkdirSync(directory, { recursive: true });
  for (const [file, content] of Object.entries(files(directory))) {
    const target = path.join(directory, file);
    const there = existsSync(target);
    // Never over something that appeared in between.
    if (!there) writeFileSync(target, content, { flag: "wx" });
    process.stdout.write(`${there ? "kept   " : "created"}  ${target}\n`);
  }
}

function files(directory: string): Readonly<Record<string, string>> {
  return {
    "consfig.ts": consfig,
    "package.json": `${JSON.stringify(manifest(directory), undefined, 2)}\n`,
    "tsconfig.json": `${JSON.stringify(compiler, undefined, 2)}\n`,
    ".gitignore": "node_modules/\n",
  };
}

function manifest(directory: string): object {
  const name = path.basename(path.resolve(directory));
  return {
    name:
      name
        .toLowerCase()
        .replace(/[^a-z0-9-]+/g, "-")
        .replace(/^-+|-+$/g, "") || "consfig",
    private: true,
    type: "module",
    scripts: { check: "consfig check", deploy: "consfig deploy" },
    dependencies: { consfigurator: ourselvesFrom(directory) },
  };
}

/** How npm finds this package: one that npm did not install is taken from where it is. */
function ourselvesFrom(directory: string): string {
  const here = fileURLToPath(packageUrl);
  if (here.split(path.sep).includes("node_modules")) return `^${packageVersion()}`;
  return `file:${path.relative(realpathSync(directory), here)}`;
}

const compiler = {
  compilerOptions: {
    target: "es2023",
    lib: ["es2023"],
    types: ["node"],
    module: "esnext",
    moduleResolution: "bundler",
    strict: true,
    noEmit: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
  },
  include: ["**/*.ts"],
};

const consfig = `import { homedir } from "node:os";
import { host } from "consfigurator";
import { local } from "consfigurator/connections/local";
import * as file from "consfigurator/properties/file";

/** This machine, as the account that runs \`consfig\`. */
export const here = host(
  "localhost",
  { deploy: [local()] },
  file.hasContent(\`\${homedir()}/consfigurator.txt\`, "This file is as consfig.ts says."),
);

/*
 * Another machine, over SSH. Import \`ssh\` from "consfigurator/connections/ssh" and \`apt\` from
 * "consfigurator/properties/apt", and say which machine it is.
 *
 * export const web1 = host(
 *   "web1.example.com",
 *   { deploy: [ssh({ user: "root" })] },
 *   apt.installed("nginx"),
 *   file.hasContent("/etc/motd", "As consfig.ts says."),
 * );
 *
 * After \`ssh\`, \`node()\` of "consfigurator/connections/node" lets this program itself run there: it
 * takes fewer round trips, and properties can be written in TypeScript alone.
 */
`;
