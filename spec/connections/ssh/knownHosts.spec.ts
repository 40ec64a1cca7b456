import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { addHostKey } from "../../../connections/ssh/addHostKey.js";
import {
  type PublicKey,
  publicKey,
  publicKeyInText,
  readIdentity,
} from "../../../connections/ssh/keys.js";
import { type HostNames, hostNames, readKnownHosts } from "../../../connections/ssh/knownHosts.js";
import type { Stop } from "../../../connections/ssh/route.js";
import { HostKeyRefused, isError } from "../../../engine/base/errors.js";
import fc from "../../helpers/seeded.js";
import { keygen, Lab, missingServer } from "./helpers/lab.js";

describe("known_hosts", { skip: missingServer(), timeout: 60_000 }, () => {
  let lab: Lab;
  let one: PublicKey;
  let two: PublicKey;
  let rsa: PublicKey;
  before(() => {
    lab = new Lab();
    const make = (type: "ed25519" | "rsa") =>
      publicKeyInText(lab.publicKey(lab.key(type))) as PublicKey;
    one = make("ed25519");
    two = make("ed25519");
    rsa = make("rsa");
  });
  after(() => lab.close());

  const text = ({ type, blob }: PublicKey) => `${type} ${blob.toString("base64")}`;
  /** What adding asks of the stop it is for. */
  const add = (file: string, names: HostNames, key: PublicKey, hashKnownHosts = false) => {
    const config = { userKnownHostsFiles: [file], hashKnownHosts, host: "web1", hostname: "web1" };
    addHostKey({ config, names } as unknown as Stop, key);
  };
  const verdict = (key: PublicKey, lines: readonly string[], host = "web1", port = 22) =>
    readKnownHosts([lab.knownHosts(...lines)]).verdict(hostNames(host, port), key.blob).is;

  test("names are looked for as OpenSSH does", () => {
    assert.deepEqual(hostNames("Web1", 22), { name: "web1", plain: undefined });
    assert.deepEqual(hostNames("Web1", 23), { name: "[web1]:23", plain: "web1" });
    assert.deepEqual(hostNames("web1", 23, "Alias"), { name: "alias", plain: undefined });
  });

  test("an equal key anywhere is known, a different one alone is changed", () => {
    assert.equal(verdict(one, [`web1 ${text(one)}`]), "known");
    assert.equal(verdict(one, [`web1 ${text(two)}`]), "changed");
    assert.equal(verdict(one, [`web1 ${text(two)}`, `web1 ${text(one)}`]), "known");
    assert.equal(verdict(one, [`web2 ${text(two)}`]), "unknown");
    assert.equal(verdict(one, [`WEB1 ${text(one)}`]), "known");
    // Else a stranger could show a key of a type that is not known yet.
    assert.equal(verdict(one, [`web1 ${text(rsa)}`]), "changed");
  });

  test("for another port the plain name confirms and never contradicts", () => {
    assert.equal(verdict(one, [`web1 ${text(one)}`], "web1", 2222), "known");
    assert.equal(verdict(one, [`web1 ${text(two)}`], "web1", 2222), "unknown");
    const lines = [`[web1]:2222 ${text(two)}`, `web1 ${text(one)}`];
    assert.equal(verdict(one, lines, "web1", 2222), "changed");
    assert.equal(verdict(one, [`@revoked web1 ${text(one)}`], "web1", 2222), "revoked");
  });

  test("a file that has changed is read again, and one with the same text is another file", () => {
    const read = (file: string) => readKnownHosts([file]).verdict(hostNames("web1", 22), one.blob);
    const file = lab.knownHosts(`web1 ${text(one)}`);
    const other = lab.knownHosts(`web1 ${text(one)}`);
    for (let round = 0; round < 2; round++) {
      writeFileSync(file, `web1 ${text(one)}\n`);
      assert.deepEqual(read(file), { is: "known", where: { file, line: 1 } });
      assert.deepEqual(read(other), { is: "known", where: { file: other, line: 1 } });
      // Of the same length, and within the same instant.
      writeFileSync(file, `web1 ${text(two)}\n`);
      assert.equal(read(file).is, "changed");
      writeFileSync(file, `# web1\n@revoked * ${text(one)}\n`);
      assert.deepEqual(read(file), { is: "revoked", where: { file, line: 2 } });
      assert.equal(
        readKnownHosts([other, file]).verdict(hostNames("web1", 22), one.blob).is,
        "revoked",
      );
      rmSync(file);
      assert.equal(read(file).is, "unknown");
    }
  });

  test("a revoked key is revoked wherever else it stands", () => {
    assert.equal(verdict(one, [`web1 ${text(one)}`, `@revoked web1 ${text(one)}`]), "revoked");
    assert.equal(verdict(one, [`@revoked other ${text(one)}`, `web1 ${text(one)}`]), "known");
    assert.equal(verdict(two, [`@revoked * ${text(one)}`]), "unknown");
  });

  test("an authority is no host's key", () => {
    assert.equal(verdict(one, [`@cert-authority * ${text(one)}`]), "unknown");
    const known = readKnownHosts([lab.knownHosts(`@cert-authority *.lab ${text(one)}`)]);
    assert.equal(known.onlyAuthority(hostNames("a.lab", 22))?.line, 1);
    assert.equal(known.onlyAuthority(hostNames("a.net", 22)), undefined);
    assert.equal(known.keyTypes(hostNames("a.lab", 22)).size, 0);
  });

  test("what is not understood is remembered and says nothing", () => {
    const lines = [
      "web1",
      "web1 ssh-ed25519",
      "web1 ssh-ed25519 AAAA",
      `web1 ssh-rsa ${one.blob.toString("base64")}`,
      "web1 1024 35 123456",
      `@revoke web1 ${text(one)}`,
      `|1|x|y ${text(one)}`,
      `|2|${"A".repeat(27)}=|${"A".repeat(27)}= ${text(one)}`,
      `web1 ${text(one).slice(0, -8)}`,
      "\u0000\u0001\u0002",
    ];
    const file = lab.knownHosts(...lines, `web1 ${text(one)}`);
    const known = readKnownHosts([file]);
    assert.deepEqual(
      known.malformed,
      lines.map((_, index) => ({ file, line: index + 1 })),
    );
    assert.equal(known.verdict(hostNames("web1", 22), one.blob).is, "known");
    assert.equal(verdict(one, lines), "unknown");
  });

  test("lines may end as on Windows, and the last one not at all", () => {
    const file = lab.write("known_hosts", `web1 ${text(two)}\r\nweb2 ${text(one)}`);
    const known = readKnownHosts([file]);
    assert.equal(known.verdict(hostNames("web1", 22), two.blob).is, "known");
    assert.equal(known.verdict(hostNames("web2", 22), one.blob).is, "known");
  });

  test("random lines never make a key known", { timeout: 30_000 }, () => {
    const piece = fc.oneof(
      fc.constantFrom(
        "web1",
        "*",
        "!",
        "|1|",
        "@revoked",
        "@",
        ",",
        " ",
        "\t",
        "\r",
        "ssh-ed25519",
      ),
      fc.string({ maxLength: 8 }),
      fc.constant(text(two)),
    );
    fc.assert(
      fc.property(fc.array(fc.array(piece, { maxLength: 6 }), { maxLength: 5 }), (lines) => {
        const file = join(lab.folder, "random");
        writeFileSync(file, lines.map((line) => line.join("")).join("\n"));
        const { is } = readKnownHosts([file]).verdict(hostNames("web1", 22), one.blob);
        assert.ok(is === "unknown" || is === "changed");
      }),
      { numRuns: 500 },
    );
  });

  test("ssh-keygen finds what is added, hashed or not", () => {
    for (const hashed of [false, true]) {
      for (const [host, port] of [
        ["web1", 22],
        ["web1", 2222],
        ["::1", 22],
      ] as const) {
        const file = lab.path("known_hosts");
        const names = hostNames(host, port);
        add(file, names, one, hashed);
        const found = execFileSync("ssh-keygen", ["-F", names.name, "-f", file], {
          encoding: "utf8",
        });
        assert.match(found, /ssh-ed25519/);
        assert.equal(readKnownHosts([file]).verdict(names, one.blob).is, "known");
        assert.equal(readKnownHosts([file]).verdict(hostNames("web9", 22), one.blob).is, "unknown");
      }
    }
  });

  test("what ssh-keygen has hashed is found", () => {
    const file = lab.knownHosts(`web1 ${text(one)}`, `[web1]:2222 ${text(two)}`);
    execFileSync("ssh-keygen", ["-H", "-f", file], { stdio: "ignore" });
    const known = readKnownHosts([file]);
    assert.equal(known.verdict(hostNames("web1", 22), one.blob).is, "known");
    assert.equal(known.verdict(hostNames("web1", 2222), two.blob).is, "known");
    assert.equal(known.verdict(hostNames("web1", 2222), one.blob).is, "changed");
  });

  test("what changes in a file counts at once: lines that are added, ended or replaced", () => {
    const file = lab.write("known_hosts", `web1 ${text(one)}\n`);
    const is = (host: string, key: PublicKey) =>
      readKnownHosts([file]).verdict(hostNames(host, 22), key.blob);
    assert.equal(is("web1", one).is, "known");
    const [begin, end] = [text(two).slice(0, 30), text(two).slice(30)];
    appendFileSync(file, `web2,WEB3 ${begin}`);
    assert.equal(is("web2", two).is, "unknown");
    appendFileSync(file, `${end}\n\nweb* ${text(one)}\n`);
    assert.deepEqual(is("web2", two), { is: "known", where: { file, line: 2 } });
    assert.deepEqual(is("web3", two), { is: "known", where: { file, line: 2 } });
    assert.deepEqual(is("web2", one), { is: "known", where: { file, line: 4 } });
    appendFileSync(file, `@revoked * ${text(one)}\n`);
    assert.deepEqual(is("web1", one), { is: "revoked", where: { file, line: 5 } });
    writeFileSync(file, `web1 ${text(two)}\n`);
    assert.deepEqual(is("web1", two), { is: "known", where: { file, line: 1 } });
  });

  test("adding makes private folders and files, and leaves the rest alone", () => {
    const folder = lab.path("home");
    const file = join(folder, ".ssh", "known_hosts");
    add(file, hostNames("web1", 22), one);
    assert.equal(statSync(join(folder, ".ssh")).mode & 0o777, 0o700);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    writeFileSync(file, "# no end of line");
    add(file, hostNames("web1", 22), one);
    assert.equal(readFileSync(file, "utf8"), `# no end of line\nweb1 ${text(one)}\n`);
    const link = lab.path("link");
    symlinkSync(file, link);
    add(link, hostNames("web2", 22), two);
    assert.equal(readKnownHosts([file]).verdict(hostNames("web2", 22), two.blob).is, "known");
  });

  test("a folder in the file's place is an error both ways", () => {
    const folder = lab.path("folder");
    mkdirSync(folder);
    const refused = (error: unknown) => isError(error, HostKeyRefused);
    assert.throws(() => readKnownHosts([folder]), refused);
    assert.throws(() => add(folder, hostNames("web1", 22), one), refused);
  });
});

describe("identity files", { skip: missingServer(), timeout: 60_000 }, () => {
  let lab: Lab;
  before(() => {
    lab = new Lab();
  });
  after(() => lab.close());

  test("are told apart without a passphrase", async () => {
    const usable = lab.key();
    const encrypted = lab.key("ecdsa", "secret");
    const old = lab.key("rsa");
    keygen(["-p", "-m", "PEM", "-P", "", "-N", "secret", "-f", old]);
    const cases: [string, string][] = [
      [usable, "usable"],
      [encrypted, "encrypted"],
      [old, "encrypted"],
      [`${usable}.pub`, "public"],
      [lab.write("other", "no key"), "unreadable"],
      [lab.folder, "unreadable"],
    ];
    for (const [path, state] of cases) assert.equal((await readIdentity(path))?.state, state, path);
    assert.equal(await readIdentity(lab.path("missing")), undefined);
    const blob = publicKeyInText(lab.publicKey(encrypted))?.blob;
    assert.ok(blob && (await readIdentity(encrypted))?.key?.blob.equals(blob));
  });

  test("a key cut short is no key", () => {
    const { blob } = publicKeyInText(lab.publicKey(lab.key("rsa"))) as PublicKey;
    assert.ok(publicKey(blob));
    for (const length of [0, 3, 4, 10, 11, 12, blob.length - 1]) {
      assert.equal(publicKey(blob.subarray(0, length)), undefined, String(length));
    }
    assert.equal(publicKey(Buffer.concat([blob, Buffer.from([0])])), undefined);
  });
});
