/** Every TypeScript example of the README and the manual is a consfig that `consfig check` accepts. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import * as errors from "../engine/base/errors.js";
import * as zygoteErrors from "../zygote/errors.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const main = path.join(root, "dist/joined/cli/main.js");
const scratch = mkdtempSync(path.join(os.tmpdir(), "consfig-docs-"));
after(() => rmSync(scratch, { recursive: true }));

const pages = ["README.md", ...readdirSync(path.join(root, "docs")).map((name) => `docs/${name}`)];

for (const page of pages.filter((name) => name.endsWith(".md"))) {
  const text = readFileSync(path.join(root, page), "utf8");
  for (const [index, match] of [...text.matchAll(/```ts\n([\s\S]*?)```/g)].entries()) {
    test(`${page}, example ${index + 1}`, () => {
      const consfig = path.join(scratch, `${page.replaceAll(/\W/g, "")}${index}.ts`);
      writeFileSync(consfig, match[1] ?? "");
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        [main, "check", "--consfig", consfig],
        { encoding: "utf8", cwd: scratch },
      );
      assert.equal(status, 0, stdout + stderr);
    });
  }
}

for (const name of readdirSync(path.join(root, "examples"))) {
  test(`examples/${name}`, () => {
    const consfig = path.join(root, "examples", name, "consfig.ts");
    execFileSync(process.execPath, [main, "check", "--consfig", consfig], { stdio: "pipe" });
  });
}

test("docs/errors.md has every code, and no other", () => {
  const documented = [
    ...readFileSync(path.join(root, "docs/errors.md"), "utf8").matchAll(/^\| `(E_\w+)`/gm),
  ];
  const classes = Object.values({ ...errors, ...zygoteErrors }).flatMap((value) =>
    typeof value === "function" && "code" in value ? [String(value.code)] : [],
  );
  const all = classes.filter((code) => code !== errors.ConsfigError.code);
  assert.deepEqual(documented.map((match) => match[1]).toSorted(), all.toSorted());
});
