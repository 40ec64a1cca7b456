/** A consfig that looks at its own hosts while it loads, in threads that are given them prepared. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Scratch } from "./command.js";

const consfig = `
import { isMainThread } from "node:worker_threads";
import { host, hostsFrom, inOrder, onChange, posixProperty, propList, propSpec } from "consfigurator";
import { local } from "consfigurator/connections/local";
import { z } from "zod";

const plain = posixProperty<[text: string]>("given.plain", {
  args: z.tuple([z.string().min(2)]),
  apply: async (on, text) => (on.inform(\`\${isMainThread ? "main" : "thread"} \${text}\`), "changed"),
});
const both = propList("given.both", {
  args: z.tuple([z.string()]),
  props: (text: string) => [plain(text), plain(\`\${text} again\`)],
});
const named = propSpec("given.named", "posix", {
  args: z.tuple([]),
  props: (attrs) => [plain(attrs.hostname)],
});
const applies = posixProperty<[text: string]>("given.applies", {
  args: z.tuple([z.string()]),
  apply: (on, text) => on.apply(inOrder(both("fine"), plain(text))),
});
const wrong = isMainThread ? "right" : (4711 as never);
const made = plain(wrong);
const late = posixProperty<[]>("given.late", { args: z.tuple([]), apply: (on) => on.apply(made) });
const deploy = { deploy: [local()] } as const;
const first = host("first.example.com", deploy, both("one"), named(), onChange(plain("two"), plain("three")));
export const hosts = [
  first,
  host("second.example.com", deploy, plain(\`\${"props" in first.propspec ? first.propspec.props.length : 0} seen\`)),
  host("bad.example.com", deploy, applies("x")),
  host("late.example.com", deploy, late()),
];
export const notDeployed = host("other.example.com", plain(wrong), inOrder(plain(wrong)));
export const computed = hostsFrom(() => [host("computed.example.com", deploy, plain("computed"))]);
`;

test("all of it works, and what is wrong at run time is refused", async (t) => {
  const scratch = new Scratch(t);
  scratch.write("consfig.ts", consfig);
  const names = ["first", "second", "computed", "bad", "late"].map((name) => `${name}.example.com`);
  const { code, stderr } = await scratch.consfig("deploy", "-v", "--threads", "2", ...names);
  assert.equal(code, 3, stderr);
  const said = ["one", "one again", "first.example.com", "two", "three", "3 seen", "computed"];
  for (const text of said) assert.match(stderr, new RegExp(`thread ${text}$`, "m"), stderr);
  assert.doesNotMatch(stderr, /main /);
  const refused = stderr.match(/given\.plain: argument 1: .*/g) ?? [];
  assert.ok(
    refused.some((text) => /Too small/.test(text)),
    stderr,
  );
  assert.ok(
    refused.some((text) => /expected string/.test(text)),
    stderr,
  );
  assert.match(stderr, /^3 of 5 hosts ok/m);
});
