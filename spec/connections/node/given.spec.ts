/** A consfig that looks at its own hosts and properties while it loads, where these are given prepared. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { node } from "../../../connections/node/index.js";
import type { Host } from "../../../engine/index.js";
import { testbedUnavailable } from "../../testbed/index.js";
import { Place, told } from "./place.js";

const consfig = `
import { z } from "zod";
import {
  described, host, hostsFrom, inOrder, keepGoing, nodeProperty, onChange, propList, propSpec, unapplied,
} from "consfigurator";

const plain = nodeProperty<[text: string, how?: "loud"]>("given.plain", {
  args: z.tuple([z.string().min(2), z.enum(["loud"]).exactOptional()]),
  apply: async (on, text) => (on.inform(text), "changed"),
  unapply: async (on, text) => (on.inform(\`not \${text}\`), "changed"),
});
const both = propList("given.both", {
  args: z.tuple([z.string(), z.string()]),
  props: (one: string, other: string) => [plain(one), plain(other)],
});
const named = propSpec("given.named", "node", {
  args: z.tuple([]),
  props: (attrs) => [plain(attrs.hostname)],
});
const bad = (): never => 4711 as never;
/** Of the right form where the consfig is read by a person's command, and not where it is deployed. */
const elsewhere = process.env.GIVEN_SPEC === undefined ? bad() : "ok";
const made = plain(elsewhere === 4711 ? bad() : "made");
const passing = inOrder(made, described("in a text", plain("described")));
const applies = nodeProperty<[which: string]>("given.applies", {
  args: z.tuple([z.string()]),
  apply: async (on, which) => {
    if (which === "made before") return on.apply(passing);
    if (which === "bad now") return on.apply(plain(bad()));
    if (which === "bad in a list") return on.apply(both("fine", "x"));
    return on.apply(inOrder(plain("fine"), plain("fine", "quiet" as never)));
  },
});
const props = [
  plain("first", "loud"), both("second", "third"), named(), onChange(plain("fourth"), plain("fifth")),
  unapplied(plain("sixth")), keepGoing(),
];
const args = props.map((prop) => ("property" in prop ? [prop.property, prop.args.length] : [prop.combinator, prop.props.length]));
export const it = host("it.example.com", ...props, plain(JSON.stringify(args)));
const { propspec } = it;
export const seen = host("seen.example.com", plain("combinator" in propspec ? \`seen \${propspec.props.length}\` : "none"));
export const notDeployed = host("other.example.com", plain(elsewhere as string), { ...plain("by hand") });
export const computed = hostsFrom(() => [host("computed.example.com", plain(elsewhere as string))]);
export const early = host("early.example.com", applies("made before"));
export const now = host("now.example.com", applies("bad now"));
export const list = host("list.example.com", applies("bad in a list"));
export const option = host("option.example.com", applies("bad option"));
`;

describe("in a Node image", { skip: testbedUnavailable() ?? false }, () => {
  let place: Place;
  let hosts: Readonly<Record<string, Host>>;
  const deployed = (name: string) => told([place.ssh(), node()], hosts[name]);

  before(async () => {
    place = await Place.open();
    place.installNode();
    process.env.GIVEN_SPEC = "here";
    hosts = await place.load(consfig);
    delete process.env.GIVEN_SPEC;
  });
  after(() => place?.close());

  test("a consfig that looks at what it has made loads, and is applied", async () => {
    const { report, said } = await deployed("it");
    assert.deepEqual([report.error, report.failures], [undefined, []]);
    const args =
      '[["given.plain",2],["given.both",2],["given.named",0],["onChange",2],["unapplied",1],["keepGoing",0]]';
    const lines = [
      "first",
      "second",
      "third",
      "it.example.com",
      "fourth",
      "fifth",
      "not sixth",
      args,
    ];
    assert.deepEqual(said.slice(-lines.length), lines);
    assert.deepEqual((await deployed("seen")).said.slice(-1), ["seen 7"]);
  });

  test("what was made while it loaded is checked when it is applied", async () => {
    const { report } = await deployed("early");
    assert.match(String(report.failures[0]?.error.message), /given\.plain/);
    assert.equal(report.failures[0]?.error.code, "E_ARGUMENT");
  });

  for (const name of ["now", "list", "option"]) {
    test(`a wrong argument at run time is refused: ${name}`, async () => {
      const { report } = await deployed(name);
      assert.equal(report.counts.failed, 1, JSON.stringify(report));
      assert.match(String(report.failures[0]?.error.message), /given\.plain/);
      assert.equal(report.failures[0]?.error.code, "E_ARGUMENT");
    });
  }
});
