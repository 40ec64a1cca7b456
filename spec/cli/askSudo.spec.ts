import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import { describe, test } from "node:test";
import { consfigOf, main, Scratch } from "./command.js";

const consfig = consfigOf(`
import { sudo } from "consfigurator/connections/sudo";
export const hosts = ["one", "two"].map((name) =>
  host(name, { deploy: [local(), sudo({ passwordOf: "me" })] }, cmd.single(sh\`true\`)),
);
`);

/** What sudo does as far as it matters here: asks with the given prompt, and compares. */
const fakeSudo = `#!/bin/sh
while [ "$1" != -- ]; do [ "$1" = -p ] && prompt=$2; shift; done
shift
printf %s "$prompt" >&2
IFS= read -r password
[ "$password" = "right horse" ] || { echo "Sorry, try again." >&2; exit 1; }
exec "$@"
`;

describe("consfig deploy -K", () => {
  const prepared = (t: Parameters<Parameters<typeof test>[0] & object>[0]) => {
    const scratch = new Scratch(t);
    scratch.write("consfig.ts", consfig);
    chmodSync(scratch.write("bin/sudo", fakeSudo), 0o755);
    const env = { PATH: `${scratch.path("bin")}:${process.env.PATH}` };
    return { scratch, env };
  };

  test("the password is asked for once, is for all hosts, and is shown nowhere", async (t) => {
    const { scratch, env } = prepared(t);
    const words = `'${process.execPath}' '${main}' deploy -K -vvv`;
    const running = scratch.spawn(["script", "-qec", words, "/dev/null"], env);
    await running.printed("sudo password: ");
    running.child.stdin.write("wrong\x15right hors\x7fse\r");
    const { code, stdout } = await running.ended;
    assert.equal(code, 0, stdout);
    assert.equal(stdout.match(/sudo password: /g)?.length, 1);
    assert.match(stdout, /2 of 2 hosts ok/);
    assert.doesNotMatch(stdout, /wrong|horse/);
  });

  test("it beats what any source has, and is nobody's password but that of the hops", async (t) => {
    const { scratch, env } = prepared(t);
    scratch.write("data/--user-passwd--one/me", "an old one");
    scratch.write(
      "consfig.ts",
      consfigOf(`
import { deploys, registerDataSource } from "consfigurator";
import { sudo } from "consfigurator/connections/sudo";
import { filesTree } from "consfigurator/data/filesTree";
import { z } from "zod";
registerDataSource(filesTree(${JSON.stringify(scratch.path("data"))}));
const has = posixProperty("spec.has", {
  args: z.tuple([z.string()]),
  hostattrs: (attrs, user) => attrs.requireData("--user-passwd--" + attrs.hostname, user),
  apply: async (on, user) => {
    await on.data("--user-passwd--" + on.name, user);
    return "changed";
  },
});
const hop = sudo({ passwordOf: "me" });
export const one = host("one", { deploy: [local(), hop] }, cmd.single(sh\`true\`));
export const two = host("two", { deploy: [local()] }, deploys([hop], host("in", cmd.single(sh\`true\`))));
export const three = host("three", { deploy: [local(), hop] }, has("me"));
export const four = host("four", { deploy: [local(), hop] }, has("bob"));
`),
    );
    const words = `'${process.execPath}' '${main}' deploy -K`;
    const running = scratch.spawn(["script", "-qec", words, "/dev/null"], env);
    await running.printed("sudo password: ");
    running.child.stdin.write("right horse\r");
    const { code, stdout } = await running.ended;
    assert.equal(code, 3, stdout);
    assert.match(stdout, /3 of 4 hosts ok/);
    assert.match(
      stdout,
      /E_DATA .*no source has the prerequisite data \(--user-passwd--four, bob\)/,
    );
  });

  test("Ctrl-C at the question ends the command", async (t) => {
    const { scratch, env } = prepared(t);
    const words = `'${process.execPath}' '${main}' deploy -K`;
    const running = scratch.spawn(["script", "-qec", words, "/dev/null"], env);
    await running.printed("sudo password: ");
    running.child.stdin.write("\x03");
    assert.equal((await running.ended).code, 130);
  });

  test("without a terminal it is refused, and without -K the missing password is told", async (t) => {
    const { scratch, env } = prepared(t);
    const refused = await scratch.start(["deploy", "-K"], env).ended;
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /E_USAGE {2}-K asks for a password/);
    const missing = await scratch.start(["deploy"], env).ended;
    assert.notEqual(missing.code, 0);
    assert.match(missing.stderr, /E_DATA.*\(--user-passwd--one, me\)/);
  });
});
