import assert from "node:assert/strict";
import { readdirSync, statSync, utimesSync } from "node:fs";
import os from "node:os";
import { after, afterEach, before, describe, test } from "node:test";
import { gpgPublicKeys } from "../../data/gpgPublicKeys/index.js";
import {
  MissingData,
  MissingDataSource,
  registerDataSource,
  resetDataSources,
} from "../../engine/index.js";
import { findData } from "../../engine/model/data.js";
import { missing } from "../helpers/programs.js";
import { scratchFolder, text } from "./helpers/folder.js";
import { Gnupg } from "./helpers/gnupg.js";

describe("gpgPublicKeys", { skip: missing("gpg", "gpgconf") }, () => {
  const folder = scratchFolder();
  let gnupg: Gnupg;
  let alice = "";
  let keyring = "";

  before(() => {
    gnupg = new Gnupg();
    alice = gnupg.key("alice");
    gnupg.key("bob");
    // A signature that a minimal export leaves out.
    gnupg.gpg(["--yes", "--default-key", "=bob", "--quick-sign-key", alice]);
    keyring = folder.path("keys.gpg");
    gnupg.gpg(["--output", keyring, "--export"]);
  });
  after(() => gnupg.remove());
  afterEach(() => resetDataSources());

  test("serves a key of the keyring in armour, with no more signatures than needed", async () => {
    registerDataSource(gpgPublicKeys(keyring));
    const key = text((await findData("--pgp-pubkey", alice)).content);
    assert.match(key, /^-----BEGIN PGP PUBLIC KEY BLOCK-----\n/);
    const shown = (words: string[], input = "") => gnupg.gpg(["--with-colons", ...words], input);
    assert.match(shown(["--show-keys"], key), new RegExp(`^fpr:+${alice}:$`, "m"));
    const signatures = (all: string) => all.match(/^:signature packet/gm)?.length ?? 0;
    const whole = gnupg.gpg(["--armor", "--export", alice]);
    assert.equal(signatures(gnupg.gpg(["--list-packets"], key)), 2);
    assert.equal(signatures(gnupg.gpg(["--list-packets"], whole)), 3);
  });

  test("serves gpg's own keybox too, in either case of the fingerprint", async () => {
    registerDataSource(gpgPublicKeys(`${gnupg.home}/pubring.kbx`));
    const { content, version } = await findData("--pgp-pubkey", alice.toLowerCase());
    assert.match(text(content), /BEGIN PGP PUBLIC KEY/);
    assert.equal(version, String(Math.floor(statSync(`${gnupg.home}/pubring.kbx`).mtimeMs)));
  });

  test("has no other items", async () => {
    registerDataSource(gpgPublicKeys(keyring));
    for (const [iden1, iden2] of [
      ["--pgp-pubkey", alice.slice(-16)],
      ["--pgp-pubkey", "alice"],
      ["--pgp-pubkey", "0".repeat(40)],
      ["--pgp-seckey", alice],
    ] as const) {
      await assert.rejects(findData(iden1, iden2), MissingData, iden2);
    }
  });

  test("looks again when the keyring has changed", async () => {
    const growing = folder.path("growing.gpg");
    gnupg.gpg(["--output", growing, "--export", "bob"]);
    utimesSync(growing, 1000, 1000);
    registerDataSource(gpgPublicKeys(growing));
    await assert.rejects(findData("--pgp-pubkey", alice), MissingData);
    gnupg.gpg(["--yes", "--output", growing, "--export"]);
    utimesSync(growing, 2000, 2000);
    assert.equal((await findData("--pgp-pubkey", alice)).version, "2000000");
  });

  test("says so when it is no keyring, or not there", async () => {
    for (const file of [folder.path("nowhere"), folder.write("text", "no keyring\n")]) {
      resetDataSources();
      registerDataSource(gpgPublicKeys(file));
      await assert.rejects(findData("--pgp-pubkey", alice), MissingDataSource, file);
    }
  });

  test("leaves no directory behind", () => {
    assert.deepEqual(
      readdirSync(os.tmpdir()).filter((name) => name.startsWith("consfig-gpg-")),
      [],
    );
  });
});
