import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { negotiable, ssh2Algorithms } from "../../../connections/ssh/algorithms.js";
import { parseJump } from "../../../connections/ssh/route.js";
import { matchesPattern, splitWords } from "../../../connections/ssh/sshConfigSyntax.js";
import { ConnectionFailed, isError } from "../../../engine/base/errors.js";

describe("algorithms", () => {
  test("the table holds nothing that ssh2 lacks", async () => {
    const path = "ssh2/lib/protocol/constants.js";
    const constants = (await import(path)).default as Record<string, string[]>;
    const names = {
      kex: "SUPPORTED_KEX",
      serverHostKey: "SUPPORTED_SERVER_HOST_KEY",
      cipher: "SUPPORTED_CIPHER",
      hmac: "SUPPORTED_MAC",
    } as const;
    for (const [kind, name] of Object.entries(names)) {
      const { usual, legacy } = ssh2Algorithms[kind as keyof typeof names];
      for (const algorithm of [...usual, ...legacy]) {
        assert.ok(constants[name]?.includes(algorithm), algorithm);
      }
    }
  });

  test("types by which the host is known come first", () => {
    const { serverHostKey } = negotiable({}, new Set(["ssh-rsa"]));
    assert.deepEqual(serverHostKey.slice(0, 3), ["rsa-sha2-512", "rsa-sha2-256", "ssh-ed25519"]);
    assert.ok(!serverHostKey.includes("ssh-rsa"));
  });

  test("signs in front of a list", () => {
    const list = (...serverHostKey: string[]) =>
      negotiable({ serverHostKey }, new Set()).serverHostKey;
    assert.deepEqual(list("+ssh-rsa").at(-1), "ssh-rsa");
    assert.ok(!list("-ecdsa-*").some((name) => name.startsWith("ecdsa")));
    assert.equal(list("^rsa-sha2-*", "x")[0], "rsa-sha2-512");
    assert.deepEqual(list("unknown", "ssh-ed25519"), ["ssh-ed25519"]);
  });
});

describe("words", () => {
  test("ProxyJump", () => {
    assert.deepEqual(parseJump("host", "x"), { host: "host" });
    assert.deepEqual(parseJump("u@host:2", "x"), { host: "host", user: "u", port: 2 });
    assert.deepEqual(parseJump("ssh://u@host:2", "x"), { host: "host", user: "u", port: 2 });
    assert.deepEqual(parseJump("u@[::1]:2", "x"), { host: "::1", user: "u", port: 2 });
    for (const bad of ["", "@", "a b:c", "host:x", "[::1", "a:b:c"]) {
      assert.throws(
        () => parseJump(bad, "x"),
        (error) => isError(error, ConnectionFailed),
      );
    }
  });

  test("patterns", () => {
    const cases: [string, string, boolean][] = [
      ["*", "", true],
      ["*", "anything", true],
      ["a*c", "abbbc", true],
      ["a*c", "abbbd", false],
      ["?", "a", true],
      ["?", "", false],
      ["web?", "web10", false],
      ["*.example.com", "A.Example.COM", true],
      ["[127.0.0.1]:*", "[127.0.0.1]:22", true],
      ["a.b", "axb", false],
      ["*a*a*a*a*b", `${"a".repeat(5000)}`, false],
    ];
    for (const [pattern, text, expected] of cases) {
      assert.equal(matchesPattern(pattern, text), expected, `${pattern} ${text.slice(0, 20)}`);
    }
  });

  test("quoted words", () => {
    assert.deepEqual(splitWords('a "b c" d\\"e "f\\"g"'), ["a", "b c", 'd\\"e', 'f"g']);
  });
});
