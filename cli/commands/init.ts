import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { packageVersion } from "../package.js";

/** A directory has all that a consfig needs. What is there already stays as it is. */
export async function init(directory = "."): Promise<number> {
  mkdirSync(directory, { recursive: true });
  const name = path.basename(path.resolve(directory));
  for (const [file, content] of Object.entries(files(name))) {
    const target = path.join(directory, file);
    const there = existsSync(target);
    // Never over something that appeared in between.
    if (!there) writeFileSync(target, content, { flag: "wx" });
    process.stdout.write(`${there ? "kept   " : "created"}  ${target}\n`);
  }
  const inside = path.resolve(directory) === process.cwd() ? "" : `cd ${directory}, `;
  process.stdout.write(`\nnext: ${inside}consfig check, consfig deploy\n`);
  return 0;
}

function files(name: string): Readonly<Record<string, string>> {
  return {
    "consfig.ts": consfig,
    "package.json": `${JSON.stringify(manifest(name), undefined, 2)}\n`,
    "tsconfig.json": `${JSON.stringify(compiler, undefined, 2)}\n`,
    ".gitignore": "node_modules/\n",
  };
}

function manifest(name: string): object {
  return {
    name:
      name
        .toLowerCase()
        .replace(/[^a-z0-9-]+/g, "-")
        .replace(/^-+|-+$/g, "") || "consfig",
    private: true,
    type: "module",
    scripts: { check: "consfig check", deploy: "consfig deploy" },
    dependencies: { consfigurator: `^${packageVersion()}` },
  };
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
 */
`;
