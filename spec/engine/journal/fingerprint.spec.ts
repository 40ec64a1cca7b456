import assert from "node:assert/strict";
import { test } from "node:test";
import { local } from "../../../connections/local/index.js";
import { sudo } from "../../../connections/sudo/index.js";
import {
  deploysThese,
  type Host,
  host,
  type Propspec,
  prepareHost,
} from "../../../engine/index.js";
import { fingerprint } from "../../../engine/journal/fingerprint.js";
import * as file from "../../../properties/file/index.js";
import { step } from "../../helpers/steps.js";

function planOf(...props: readonly Propspec[]): string {
  return hashOf(host("a.example", ...props));
}

function hashOf(one: Host): string {
  return fingerprint(prepareHost(one), [local()]);
}

test("the same host in another place of the consfig has the same plan", () => {
  const inner = (): Propspec => deploysThese([local()], host("b.example", step("x")), step("y"));
  const here = planOf(step("a"), inner());
  const there = planOf(step("a"), inner());
  assert.equal(here, there);
  assert.match(here, /^[0-9a-f]{64}$/);
});

test("whatever differs makes another plan", () => {
  const plans = [
    planOf(step("a")),
    planOf(step("b")),
    planOf(step("a"), step("b")),
    planOf(step("ab")),
    planOf(step("a", "unchanged")),
    planOf(file.hasContent("/x", Buffer.from("1"))),
    planOf(file.hasContent("/x", Buffer.from("2"))),
    planOf(file.hasContent("/x", "1")),
    hashOf(host("b.example", step("a"))),
    fingerprint(prepareHost(host("a.example", step("a"))), [local(), sudo()]),
    planOf(deploysThese([local()], host("b.example"), step("y"))),
    planOf(deploysThese([sudo()], host("b.example"), step("y"))),
  ];
  assert.equal(new Set(plans).size, plans.length);
});
