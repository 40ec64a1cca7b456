/** Shells in containers: where what confines them cannot be taken over they are not entered. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { machined } from "../../connections/machined/index.js";
import { nsenter } from "../../connections/nsenter/index.js";
import { HopFailed, isError } from "../../engine/index.js";
import { testbedUnavailable } from "../testbed/index.js";
import { confinements, inContainer, limits, withReplacing } from "./helpers/confined.js";
import { printsIn } from "./helpers/hostileTrees.js";

const saying = (words: RegExp) => (error: unknown) => {
  assert.ok(isError(error, HopFailed), String(error));
  assert.match(String(error.facts.output), words);
  return true;
};

describe("confined containers over a shell", { skip: testbedUnavailable() ?? false }, () => {
  for (const [name, confinement] of Object.entries(confinements)) {
    const isFree = confinement === confinements.nothing;
    test(`confined by ${name}: ${isFree ? "entered" : "refused unless it is trusted"}`, () =>
      inContainer(confinement, async ({ pid }, tree) => {
        const refused = /given up capabilities|no_new_privs/;
        const entering = printsIn(tree, [nsenter(pid)], limits);
        if (isFree) assert.match(await entering, /^CapEff/);
        else await assert.rejects(entering, saying(refused));
        assert.match(await printsIn(tree, [nsenter(pid, { trusted: true })], limits), /^CapEff/);
      }));
  }

  for (const which of ["machinectl", "nsenter"] as const) {
    test(`a process whose number becomes that of another when ${which} is called`, () =>
      inContainer(confinements.nothing, (leader, tree) =>
        withReplacing(which, leader, () =>
          assert.rejects(
            printsIn(tree, [machined("web")], "id -u"),
            saying(/No such (file|process)|cannot open/),
          ),
        ),
      ));
  }

  test("nothing that is open leads out again", () =>
    inContainer(confinements.nothing, async ({ pid }, tree) => {
      const said = await printsIn(tree, [nsenter(pid)], "ls -l /proc/[0-9]*/fd /proc/self/fd");
      for (const [, target = ""] of said.matchAll(/ -> (.*)$/gm)) {
        assert.match(target, /^(pipe:|socket:|anon_inode:|\/dev\/null$|\/out\/|\/proc\/)/);
      }
      assert.doesNotMatch(said, /(mnt|user):\[/);
    }));
});
