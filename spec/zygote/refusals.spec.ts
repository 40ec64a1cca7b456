/** When no zygote can be made, the precondition that does not hold is named. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { requiredFlags } from "../../zygote/index.js";

const index = new URL("../../zygote/index.js", import.meta.url).href;
const temporary = fileURLToPath(new URL(".", import.meta.url));

/** What a program prints that first runs `before`, then tries to make a zygote. */
function attempt(before: string, flags: readonly string[] = requiredFlags, env = {}): string {
  const program = `
    import { startZygote } from ${JSON.stringify(index)};
    ${before}
    try {
      const zygote = await startZygote();
      console.log("started");
      await zygote.close();
    } catch (error) {
      console.log(error.code, error.condition ?? "", error.hint ? "hinted" : "");
    }
    process.exit(0);`;
  const words = [...flags, "--input-type=module", "--eval", program];
  const run = spawnSync(process.execPath, words, {
    cwd: temporary,
    encoding: "utf8",
    env: { ...process.env, NODE_OPTIONS: "", NODE_TEST_CONTEXT: "", ...env },
  });
  return run.stdout.trim() || run.stderr;
}

const refused = (condition: string) => `E_ZYGOTE_REFUSED ${condition} hinted`;

test("with nothing in the way it starts", () => {
  assert.equal(attempt(""), "started");
});

test("an addon of another build", () => {
  const prebuilds = new URL("../../zygote/prebuilds/", import.meta.url).pathname;
  const other = (lacks: string) => `
    import { createRequire } from "node:module";
    import { readdirSync } from "node:fs";
    const require = createRequire(import.meta.url);
    const own = readdirSync(${JSON.stringify(prebuilds)}).find((name) => {
      try { return require(${JSON.stringify(prebuilds)} + name); } catch { return false; }
    });
    const file = require.resolve(${JSON.stringify(prebuilds)} + own);
    require.cache[file].exports = { ...require(file), ${lacks}: undefined };`;
  for (const lacks of ["serve", "exit", "becomeZygote"]) {
    assert.equal(attempt(other(lacks)), refused("addon"), lacks);
  }
});

test("flags", () => {
  assert.equal(attempt("", []), refused("flags"));
  assert.equal(attempt("", ["--single-threaded"]), refused("flags"));
});

test("a timer, a server, a child process", () => {
  assert.equal(attempt("setTimeout(() => {}, 10_000);"), refused("nothingPending"));
  const server = 'import net from "node:net"; net.createServer().listen(0);';
  assert.equal(attempt(server), refused("nothingPending"));
  const quiet = "net.createServer().listen(0).unref(); await new Promise(setImmediate);";
  assert.equal(attempt(`import net from "node:net"; ${quiet}`), refused("nothingPending"));
  const child = 'import { spawn } from "node:child_process"; spawn("sleep", ["1"]);';
  assert.equal(attempt(child), refused("nothingPending"));
});

test("another zygote", () => {
  assert.equal(attempt("await startZygote();"), refused("nothingPending"));
  assert.equal(attempt("await (await startZygote()).close();"), "started");
});

test("worker threads", () => {
  const worker =
    'import { Worker } from "node:worker_threads"; new Worker("setInterval(() => {}, 1e3)", { eval: true }).unref();';
  assert.match(attempt(worker), /^E_ZYGOTE_REFUSED (threads|nothingPending) hinted$/);
});

test("io_uring, inspector", () => {
  assert.equal(attempt("", requiredFlags, { UV_USE_IO_URING: "1" }), refused("ioUring"));
  assert.equal(
    attempt("", [...requiredFlags, "--inspect=127.0.0.1:0"])
      .split("\n")
      .at(-1),
    refused("inspector"),
  );
});

test("a form that comes too late, twice, or in a function", () => {
  const define = (id: string) =>
    `form(${JSON.stringify(id)}, { args: z.tuple([]), evaluate: () => 1 })`;
  const imports = `import { form } from ${JSON.stringify(index)}; import { z } from "zod";`;
  const tried = (code: string) =>
    `${imports} try { ${code} } catch (error) { console.log(error.code); process.exit(0); }`;
  assert.equal(attempt(tried(`${define("a.b")}; ${define("a.b")};`)), "E_FORM");
  assert.equal(attempt(tried(define("Not an id"))), "E_FORM");
  assert.equal(attempt(tried(`(function inner() { ${define("a.b")} })()`)), "E_FORM");
  assert.equal(
    attempt(tried(`const zygote = await startZygote(); await zygote.close(); ${define("a.b")};`)),
    "E_FORM",
  );
});
