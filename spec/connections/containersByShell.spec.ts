/**
 * Shells in containers. There is no daemon here to ask for one: a stand-in program tells the number
 * of a real process in namespaces of its own.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { local } from "../../connections/local/index.js";
import { nsenter } from "../../connections/nsenter/index.js";
import { podman } from "../../connections/podman/index.js";
import { setuid } from "../../connections/setuid/index.js";
import { type Chain, deployThese, HopFailed, host, isError } from "../../engine/index.js";
import { testbedUnavailable } from "../testbed/index.js";
import { hasCommand } from "../testbed/machine.js";
import {
  nspawnIsEntered,
  type Refusal,
  standInsTell,
  withoutPrograms,
} from "./helpers/containers.js";
import { Leader, ran, said } from "./helpers/trees.js";

const seen = "echo $(uname -n) $INSIDE $(ls / | tr '\\n' ,)";

/** What the text prints there. @throws why the chain does not lead there */
async function prints(chain: Chain, text = seen): Promise<string> {
  said.length = 0;
  const report = await deployThese(chain, host("c.example"), [ran(text)]);
  if (report.error) throw report.error;
  return (said[0] ?? "").replace(/,$/, "");
}

const refusal: Refusal = (says) => (error) => {
  assert.ok(isError(error, HopFailed), String(error));
  assert.match(String(error.facts.output), says);
  return true;
};

describe("containers over a shell", { skip: testbedUnavailable() ?? false }, () => {
  test("stand-ins for docker, podman, lxc-info and machinectl tell the process", () =>
    standInsTell((hop) => prints([local(), hop]), refusal));

  test("programs that are missing", () =>
    withoutPrograms(() =>
      assert.rejects(prints([local(), podman("web")]), (error) => {
        assert.ok(isError(error, HopFailed));
        assert.match(String(error.facts.output), /podman: not found$/m);
        return /is not installed/.test(error.hint ?? "");
      }),
    ));

  test("what is not one's own takes uid 0, what is does not", async () => {
    const others = await Leader.start(["-mn"], []);
    const own = await Leader.start(["-Umnr"], ["A=b"], 65534);
    try {
      const to = ({ pid }: Leader) => [local(), setuid("nobody"), nsenter(pid)];
      assert.equal(await prints(to(own), "echo $(id -u) $A"), "0 b");
      await assert.rejects(prints(to(others)), (error) => isError(error, HopFailed));
    } finally {
      await others.end();
      await own.end();
    }
  });

  test(
    "a container of systemd-nspawn",
    { skip: hasCommand("systemd-nspawn") ? false : "needs systemd-nspawn" },
    () => nspawnIsEntered((hop) => prints([local(), hop]), refusal),
  );
});
