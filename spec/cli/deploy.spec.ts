import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { consfigOf, lineOf, Scratch } from "./command.js";

const twoHosts = (directory: string) =>
  consfigOf(`
const at = (name: string) => ${JSON.stringify(directory)} + "/" + name;
export const web1 = host("web1.example.com", { deploy: [local()] },
  file.hasContent(at("motd"), "hello"),
  onChange(
    file.hasContent(at("conf"), ["a = 1"]),
    cmd.single(sh\`touch \${at("reloaded")}\`),
  ),
);
export const more = { db: [host("db1.example.com", { deploy: [local()] }, file.hasContent(at("db"), "x"))] };
`);

describe("consfig deploy", () => {
  test("all hosts become as they should be, and a second time nothing changes", async (t) => {
    const scratch = new Scratch(t);
    scratch.write("consfig.ts", twoHosts(scratch.directory));
    const first = await scratch.consfig("deploy");
    assert.equal(first.code, 0, first.stderr);
    assert.equal(first.stdout, "", "progress is no result");
    assert.match(
      first.stderr,
      /^web1\.example\.com {2}changed .*motd has its content {2}\(consfig\.ts:\d+\)$/m,
    );
    assert.match(first.stderr, /^2 of 2 hosts ok {2}4 changed/m);
    assert.equal(readFileSync(scratch.path("motd"), "utf8"), "hello\n");
    assert.ok(existsSync(scratch.path("reloaded")));

    const second = await scratch.consfig("deploy");
    assert.equal(second.code, 0);
    assert.match(second.stderr, /^2 of 2 hosts ok {2}0 changed {2}3 unchanged/m);
    assert.doesNotMatch(second.stderr, /motd/, "what is unchanged is told with -v only");

    const verbose = await scratch.consfig("deploy", "-v");
    assert.match(verbose.stderr, /unchanged .*motd/);
    assert.match(verbose.stderr, /\d+ round trips?, .* sent, .* received/);
    assert.doesNotMatch(verbose.stderr, /not needed/);
    assert.match((await scratch.consfig("deploy", "-vv")).stderr, /not reached .*not needed/);
  });

  test("hosts are named, with * for anything; a name that is not there is answered with similar ones", async (t) => {
    const scratch = new Scratch(t);
    scratch.write("consfig.ts", twoHosts(scratch.directory));
    const one = await scratch.consfig("deploy", "db*");
    assert.equal(one.code, 0, one.stderr);
    assert.equal(existsSync(scratch.path("db")), true);
    assert.equal(existsSync(scratch.path("motd")), false);
    const none = await scratch.consfig("deploy", "wbe1.example.com");
    assert.equal(none.code, 1);
    assert.match(
      none.stderr,
      /^E_UNKNOWN_HOST {2}no host .* wbe1\.example\.com\n.*did you mean web1\.example\.com\?/,
    );
  });

  test("--only leaves out what does not match, and keeps what belongs together", async (t) => {
    const scratch = new Scratch(t);
    scratch.write("consfig.ts", twoHosts(scratch.directory));
    const conf = await scratch.consfig("deploy", "--only", "CONF has");
    assert.equal(conf.code, 0, conf.stderr);
    assert.equal(existsSync(scratch.path("motd")), false);
    assert.ok(existsSync(scratch.path("conf")));
    assert.ok(existsSync(scratch.path("reloaded")), "onChange is kept whole");
    const all = await scratch.consfig("deploy", "--only", "file.hasContent", "web1.example.com");
    assert.match(all.stderr, /1 changed {2}1 unchanged/);
    const none = await scratch.consfig("deploy", "--only", "file.hasContents");
    assert.equal(none.code, 1);
    assert.match(none.stderr, /did you mean file\.hasContent\?/);
  });

  test("a property that fails is told with all one needs to know, and the others go on", async (t) => {
    const scratch = new Scratch(t);
    const consfig = consfigOf(`
export const web1 = host("web1", { deploy: [local()] },
  file.hasContent(${JSON.stringify(scratch.path("before"))}, "x"),
  described("the lot",
    cmd.single(script\`echo first; echo "the reason" >&2; exit 7\`),
    cmd.single(sh\`true\`),
  ),
  file.hasContent(${JSON.stringify(scratch.path("after"))}, "x"),
);
export const web2 = host("web2", { deploy: [local()] }, file.hasContent(${JSON.stringify(scratch.path("two"))}, "x"));
`);
    scratch.write("consfig.ts", consfig);
    const { code, stderr } = await scratch.consfig("deploy");
    assert.equal(code, 3, stderr);
    const failing = lineOf(consfig, "the reason");
    for (const expected of [
      new RegExp(`^web1 {2}failed {7}the lot {2}\\(consfig\\.ts:${failing - 1}\\)$`, "m"),
      new RegExp(`^web1 {2}failed {9}.*the reason.* {2}\\(consfig\\.ts:${failing}\\)$`, "m"),
      /^web1 {2}not reached {4}true/m,
      /^E_COMMAND {2}web1: a command ended with exit code 7$/m,
      /^ {2}over {7}local$/m,
      /^ {2}property {3}.*the reason/m,
      new RegExp(`^ {2}at {9}consfig\\.ts:${failing}:\\d+$`, "m"),
      /^ {2}command {4}sh -c .*exit 7/m,
      /^ {2}exit code {2}7$/m,
      /^ {2}output\n {4}\| the reason$/m,
      /^1 of 2 hosts ok {2}3 changed {2}1 failed/m,
    ]) {
      assert.match(stderr, expected);
    }
    assert.equal(stderr.match(/^E_COMMAND/gm)?.length, 1, "an error is told once, where it arose");
    for (const name of ["before", "after", "two"]) assert.ok(existsSync(scratch.path(name)));
    const quiet = await scratch.consfig("deploy", "-q");
    assert.equal(quiet.code, 3);
    assert.match(quiet.stderr, /^E_COMMAND/m);
    assert.doesNotMatch(quiet.stderr, /web2|^web1 {2}unchanged/m);
    const commands = await scratch.consfig("deploy", "-vvv");
    assert.match(commands.stderr, /^web1 {2}info {9}local: sh -c .*the reason/m);
  });

  test("hosts that cannot be reached make 4; a failure elsewhere wins", async (t) => {
    const scratch = new Scratch(t);
    const consfig = consfigOf(`
import { ssh } from "consfigurator/connections/ssh";
export const gone = host("gone", { deploy: [ssh({ host: "127.0.0.1", port: 1 })] }, cmd.single(sh\`true\`), cmd.single(sh\`false\`));
export const bad = host("bad", { deploy: [local()] }, cmd.single(sh\`false\`));
`);
    scratch.write("consfig.ts", consfig);
    const gone = await scratch.consfig("deploy", "gone");
    assert.equal(gone.code, 4, gone.stderr);
    assert.match(gone.stderr, /^E_UNREACHABLE {2}gone: /m);
    assert.match(gone.stderr, /unreachable {2}0 changed {2}2 not reached/);
    assert.equal((await scratch.consfig("deploy")).code, 3);
  });

  test("nothing is contacted when one of the hosts cannot be prepared", async (t) => {
    const scratch = new Scratch(t);
    const consfig = consfigOf(`
import { z } from "zod";
const never = posixProperty<[why: string]>("spec.never", {
  args: z.tuple([z.string()]),
  hostattrs: (attrs, why) => attrs.require({ requirement: why, holds: () => false }),
});
export const good = host("good", { deploy: [local()] }, file.hasContent(${JSON.stringify(scratch.path("good"))}, "x"));
export const one = host("one", { deploy: [local()] },
  never("a better host"));
export const two = host("two", { deploy: [local()] },
  never("an even better host"));
`);
    scratch.write("consfig.ts", consfig);
    const { code, stderr } = await scratch.consfig("deploy");
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^E_INAPPLICABLE {2}one: one must be a better host\n {2}at {9}consfig\.ts:\d+:\d+/m,
    );
    assert.match(stderr, /^E_INAPPLICABLE {2}two: /m);
    assert.equal(existsSync(scratch.path("good")), false);
  });

  test("a host that does not say how it is reached is deployed by no name and refused by its own", async (t) => {
    const scratch = new Scratch(t);
    scratch.write(
      "consfig.ts",
      `${twoHosts(scratch.directory)}export const image = host("image", file.hasContent("/x", "x"));`,
    );
    assert.equal((await scratch.consfig("deploy")).code, 0);
    const { code, stderr } = await scratch.consfig("deploy", "image");
    assert.equal(code, 1);
    assert.match(stderr, /image does not say how it is reached/);
  });
});
