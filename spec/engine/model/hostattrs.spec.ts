import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { local } from "../../../connections/local/index.js";
import { sudo } from "../../../connections/sudo/index.js";
import {
  childHost,
  deploys,
  deploysThese,
  type Hostattrs,
  host,
  hostattr,
  InapplicableProperty,
  InvalidArgument,
  inOrder,
  onChange,
  over,
  type Propspec,
  posixProperty,
  prepareHost,
  propList,
  propSpec,
  unapplied,
  withUnapply,
} from "../../../engine/index.js";
import { note, noted, step } from "../../helpers/steps.js";

const number = hostattr("hostattrsSpec.number", z.number());

const saying = new Map<string, (attrs: Hostattrs) => void>();
/** Says what the function of that name says. */
const says = posixProperty<[name: string]>("hostattrsSpec.says", {
  args: z.tuple([z.string()]),
  hostattrs: (attrs, name) => saying.get(name)?.(attrs),
});

const wantsSecret = posixProperty<[iden2: string]>("hostattrsSpec.wantsSecret", {
  args: z.tuple([z.string()]),
  hostattrs: (attrs, iden2) => attrs.requireData("_site", iden2),
  apply: async () => "unchanged",
});

function attrsOf(...props: readonly Propspec[]): Record<string, readonly unknown[]> {
  return prepareHost(host("web1.example.com", ...props)).hostattrs.attrs;
}

test("values are newest first; several pushed at once keep their order", () => {
  saying.set("order", (attrs) => {
    attrs.push(number, 1, 2);
    attrs.push(number, 3, 4);
    attrs.pushNew(number, 1, 9, 8, 9);
  });
  assert.deepEqual(attrsOf(says("order"))[number.key], [9, 8, 3, 4, 1, 2]);
});

test("a value is checked by its attribute's schema", () => {
  saying.set("wrong", (attrs) => attrs.push(number, "x" as unknown as number));
  assert.throws(() => attrsOf(says("wrong")), InvalidArgument);
});

test("the host's name is an attribute", () => {
  assert.deepEqual(attrsOf().hostname, ["web1.example.com"]);
});

test("require refuses the host and says where and why", () => {
  saying.set("picky", (attrs) =>
    attrs.require({ requirement: "a unicorn", holds: (known) => known.get(note).includes("horn") }),
  );
  assert.throws(
    () => attrsOf(says("picky")),
    (error) =>
      error instanceof InapplicableProperty &&
      /web1\.example\.com must be a unicorn/.test(error.message) &&
      /hostattrs\.spec\.ts:\d+/.test(String(error.facts.at)),
  );
  attrsOf(noted("horn"), says("picky"));
  assert.throws(() => attrsOf(says("picky"), noted("horn")), InapplicableProperty);
});

test("which combinators keep what their props say", () => {
  const said = (...props: readonly Propspec[]) => attrsOf(...props)[note.key] ?? [];
  assert.deepEqual(said(inOrder(noted("a"), noted("b"))), ["b", "a"]);
  assert.deepEqual(said(onChange(noted("a"), noted("b"))), ["b", "a"]);
  assert.deepEqual(said(unapplied(noted("a"))), []);
  assert.deepEqual(said(withUnapply([noted("a")], [noted("b")])), ["a"]);
  assert.deepEqual(said(over([sudo()], noted("a"))), ["a"]);
});

test("over: attributes come out, data goes in only as asked for", () => {
  const prepared = prepareHost(
    host(
      "web1",
      wantsSecret("outer"),
      noted("a"),
      over([sudo()], noted("b"), wantsSecret("inner")),
    ),
  );
  assert.deepEqual(prepared.hostattrs.attrs[note.key], ["b", "a"]);
  assert.deepEqual(prepared.hostattrs.attrs.data, [
    ["_site", "inner"],
    ["_site", "outer"],
  ]);
  const inner = JSON.stringify(prepared.propspec);
  assert.match(inner, /"data":\[\["_site","inner"\]\]/);
});

test("deploys: of the other host only its data concerns this one", () => {
  const other = host("db1", noted("of db1"), wantsSecret("db"));
  const { attrs } = prepareHost(host("web1", deploys([local()], other))).hostattrs;
  assert.equal(attrs[note.key], undefined);
  assert.deepEqual(attrs.data, [["_site", "db"]]);
});

test("the host has the data that further hops from it need, and none of them is the other's", () => {
  const hops = [sudo({ passwordOf: "alice" })];
  const prepared = prepareHost(
    host("web1", over(hops, wantsSecret("inner")), deploys(hops, host("db1", noted("of db1")))),
  );
  assert.deepEqual(prepared.hostattrs.attrs.data, [
    ["--user-passwd--db1", "alice"],
    ["_site", "inner"],
    ["--user-passwd--web1", "alice"],
  ]);
  assert.doesNotMatch(JSON.stringify(prepared.propspec), /user-passwd/);
});

test("deploysThese: the other host's properties only say what its attributes are", () => {
  const other = host("db1", noted("of db1"), wantsSecret("db"), step("a"));
  const prepared = prepareHost(host("web1", deploysThese([local()], other, step("b"))));
  const inside = JSON.stringify(prepared.propspec);
  assert.match(inside, /of db1/);
  assert.match(inside, /"b"/);
  assert.doesNotMatch(inside, /"a"|_site/);
});

const contained = propSpec("hostattrsSpec.contained", "posix", {
  args: z.tuple([]),
  props: (attrs) => [deploys([local()], childHost(attrs, {}, readsParent()))],
});
const readsParent = propSpec("hostattrsSpec.readsParent", "posix", {
  args: z.tuple([]),
  props: (attrs) => [step(`${attrs.hostname} in ${attrs.parent?.first(note)}`)],
});

test("a child host reads its parent's attributes and has its name", () => {
  const prepared = prepareHost(host("web1", noted("rack 7"), contained()));
  assert.match(JSON.stringify(prepared.propspec), /web1 in rack 7/);
});

const listed = propList("hostattrsSpec.listed", {
  args: z.tuple([z.string()]),
  hostattrs: (attrs, text) => attrs.push(note, `own ${text}`),
  props: (text: string) => [noted(text), step(text)],
});

test("a propList says its own attributes first, then those of its parts", () => {
  assert.deepEqual(attrsOf(listed("a"))[note.key], ["a", "own a"]);
});

const doubling = posixProperty<[text: string]>("hostattrsSpec.doubling", {
  args: z.tuple([z.string()]),
  preprocess: (text) => [text + text],
  hostattrs: (attrs, text) => attrs.push(note, text),
});

test("preprocess changes the arguments before hostattrs see them", () => {
  assert.deepEqual(attrsOf(doubling("ab"))[note.key], ["abab"]);
});
