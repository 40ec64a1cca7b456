/** Options of an ssh hop that is not the first: each takes effect there, or is refused before any contact. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { z } from "zod";
import "../../connections/node/index.js";
import { obstaclesOf } from "../../cli/preflight.js";
import { local } from "../../connections/local/index.js";
import { type SshHopOptions, ssh } from "../../connections/ssh/index.js";
import { sudo } from "../../connections/sudo/index.js";
import {
  type Chain,
  deploys,
  type Hop,
  host,
  InvalidArgument,
  isError,
} from "../../engine/index.js";
import { hopTypeOf } from "../../engine/model/hop.js";
import * as file from "../../properties/file/index.js";

/** For each option of the hop a value, and the words of the inner `ssh` by which it takes effect. */
const cases: { readonly [K in keyof Required<SshHopOptions>]: readonly Case<K>[] } = {
  host: [["second.example", "-- second.example "]],
  user: [["alice", "-l alice "]],
  port: [[2222, "-p 2222 "]],
  identityFile: [["/root/id", "-i /root/id "]],
  configFile: [["/root/config", "-F /root/config "]],
  knownHostsFiles: [
    [["/a b", "/c"], '-o UserKnownHostsFile="/a b" "/c" -o GlobalKnownHostsFile=none '],
    [[], "-o UserKnownHostsFile=none -o GlobalKnownHostsFile=none "],
  ],
  transport: [
    ["system", "ssh "],
    ["ssh2", undefined],
  ],
  connectTimeoutMs: [[1500, "-o ConnectTimeout=2 "]],
};
type Case<K extends keyof SshHopOptions> = readonly [SshHopOptions[K], words: string | undefined];

/** The options that the schema knows. */
const known = Object.keys(
  z
    .object({ prefixItems: z.tuple([z.object({ properties: z.record(z.string(), z.unknown()) })]) })
    .parse(z.toJSONSchema(hopTypeOf("ssh").args)).prefixItems[0].properties,
);

async function wordsOf(hop: Hop, acceptNewHostKey?: boolean): Promise<string> {
  const context = {
    hostname: "h.example",
    report: () => {},
    data: () => Promise.reject(new Error("none")),
    ...(acceptNewHostKey === undefined ? {} : { acceptNewHostKey }),
  };
  const command = await hopTypeOf(hop.hop).wrap?.(context, ["sh"], ...hop.args);
  return `${command?.words.join(" ")}`;
}

/** Why the host is refused before any contact. */
function refusal(chain: Chain, inner?: Chain) {
  const property = file.hasContent("/a", "b");
  const [obstacle] = obstaclesOf([
    inner
      ? host("h.example", { deploy: chain }, deploys(inner, host("i.example", property)))
      : host("h.example", { deploy: chain }, property),
  ]);
  return obstacle?.error;
}

describe("a later ssh hop", () => {
  test("there is a case for each option", () => {
    assert.deepEqual(Object.keys(cases).toSorted(), known.toSorted());
  });

  for (const option of known) {
    for (const [value, words] of cases[option as keyof SshHopOptions]) {
      test(`${option}: ${JSON.stringify(value)}`, async () => {
        const hop = ssh({ [option]: value });
        if (words === undefined) {
          for (const error of [
            refusal([ssh(), hop]),
            refusal([local(), sudo(), hop]),
            refusal([ssh()], [hop]),
            refusal([ssh()], [sudo(), hop]),
          ]) {
            assert.ok(isError(error, InvalidArgument), String(error));
            assert.match(error.message, new RegExp(`not the first.*${option}`));
          }
          assert.equal(refusal([hop]), undefined);
          assert.equal(refusal([local()], [hop]), undefined);
        } else {
          assert.equal(refusal([ssh(), hop]), undefined);
          assert.ok((await wordsOf(hop)).includes(words), await wordsOf(hop));
        }
      });
    }
  }

  test("what the first one guarantees", async () => {
    const words = `${await wordsOf(ssh())} `;
    for (const one of [
      ...["-a", "-T", "-x", "-o ClearAllForwardings=yes", "-o ControlPath=none"],
      ...["-o NoHostAuthenticationForLocalhost=no", "-o StrictHostKeyChecking=yes"],
      ...["-o BatchMode=yes", "-o RemoteCommand=none", "-o Tunnel=no"],
    ]) {
      assert.ok(words.includes(` ${one} `), one);
    }
    assert.match(await wordsOf(ssh(), true), / StrictHostKeyChecking=accept-new /);
  });

  test("what would be another word for ssh is refused", () => {
    for (const options of [
      { host: "-oProxyCommand=x" },
      { user: "a b" },
      { identityFile: 'a"b' },
    ]) {
      assert.ok(isError(refusal([ssh(), ssh(options)]), InvalidArgument));
    }
  });
});
