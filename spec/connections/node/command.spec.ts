/** `consfig deploy` over a chain that ends in a Node image. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { consfigOf, Scratch } from "../../cli/command.js";
import { testbedUnavailable } from "../../testbed/index.js";
import { Place } from "./place.js";

describe("consfig, with node()", { skip: testbedUnavailable() ?? false }, () => {
  let place: Place;

  before(async () => {
    place = await Place.open();
    place.installNode();
  });
  after(() => place?.close());

  const consfig = (node: string, text: string, more = "") =>
    consfigOf(`
import { nodeProperty } from "consfigurator";
import { node } from "consfigurator/connections/node";
import { ssh } from "consfigurator/connections/ssh";
import { z } from "zod";
const written = nodeProperty<[text: string]>("app.written", {
  args: z.tuple([z.string()]),
  desc: (text) => \`\${text} written\`,
  apply: async (on, text) => {
    on.inform(\`pid \${process.pid}, \${text}\`);
    return "unchanged";
  },
});
const chain = [ssh({ configFile: ${JSON.stringify(place.bed.sshConfigFile)} })${node}] as const;
export const h01 = host("h01", { deploy: chain }, written("${text}"), file.hasContent("/etc/made", "x"));
${more}`);

  test("checks it, deploys it, and sends little when a line has changed", async (t) => {
    const scratch = new Scratch(t);
    scratch.write("consfig.ts", consfig(", node()", "one"));
    const check = await scratch.consfig("check");
    assert.equal(check.code, 0, check.stderr);

    const first = await scratch.consfig("deploy", "-v");
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stderr, /Node v\d+\.\d+\.\d+ \(\/usr\/bin\/node\)/);
    assert.match(first.stderr, /sent \d{6,} bytes of modules: consfig, /);
    assert.match(first.stderr, /changed .*made has its content/);

    const second = await scratch.consfig("deploy", "-v");
    assert.match(second.stderr, /sent 0 bytes of modules/);
    assert.match(second.stderr, /0 changed {2}2 unchanged/);

    scratch.write("consfig.ts", consfig(", node()", "two"));
    const third = await scratch.consfig("deploy", "-v");
    assert.match(third.stderr, /pid \d+, two/);
    const [, bytes] = /sent (\d+) bytes of modules: (.*)/.exec(third.stderr) ?? [];
    assert.ok(Number(bytes) > 0 && Number(bytes) < 20_000, third.stderr);

    const apply = await scratch.consfig("apply", "h01", `file.hasContent("/etc/more", "y")`, "-v");
    assert.equal(apply.code, 0, apply.stderr);
    assert.match(apply.stderr, /sent 0 bytes of modules/);
  });

  test("refuses a node property without it, and makes no modules when no host needs them", async (t) => {
    const scratch = new Scratch(t);
    scratch.write("consfig.ts", consfig("", "one").replace("as const", "as never"));
    const check = await scratch.consfig("deploy");
    assert.equal(check.code, 1);
    assert.match(check.stderr, /app\.written needs a Node image/);
    const local = `export const here = host("here", { deploy: [local()] }, file.hasContent(${JSON.stringify(scratch.path("x"))}, "x"));`;
    // What cannot travel does not matter where nothing does.
    scratch.write(
      "consfig.ts",
      consfig(", node()", "one", `${local}\nexport const x = await Promise.resolve(1);`),
    );
    const deploy = await scratch.consfig("deploy", "here");
    assert.equal(deploy.code, 0, deploy.stderr);
    const other = await scratch.consfig("deploy", "h01");
    assert.equal(other.code, 1);
    assert.match(other.stderr, /cannot wait at its top level/);
  });
});
