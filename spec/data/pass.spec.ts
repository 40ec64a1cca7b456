import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { utimesSync } from "node:fs";
import { after, afterEach, before, describe, test } from "node:test";
import { pass } from "../../data/pass/index.js";
import {
  isError,
  MissingData,
  MissingDataSource,
  registerDataSource,
  resetDataSources,
} from "../../engine/index.js";
import { findData } from "../../engine/model/data.js";
import { missing } from "../helpers/programs.js";
import { scratchFolder, text } from "./helpers/folder.js";
import { Gnupg } from "./helpers/gnupg.js";

describe("pass", { skip: missing("gpg", "gpgconf", "pass") }, () => {
  const folder = scratchFolder();
  const store = folder.path("store");
  let gnupg: Gnupg;

  /** The program itself, with the spec's store and keys. */
  function insert(entry: string, content: string): string {
    const env = { ...process.env, PASSWORD_STORE_DIR: store, GNUPGHOME: gnupg.home };
    execFileSync("pass", ["insert", "--multiline", "--force", "--", entry], {
      env,
      input: content,
      stdio: ["pipe", "ignore", "pipe"],
    });
    return `${store}/${entry}.gpg`;
  }

  const read = async (iden1: string, iden2: string) => text((await findData(iden1, iden2)).content);

  before(() => {
    gnupg = new Gnupg();
    const env = { ...process.env, PASSWORD_STORE_DIR: store, GNUPGHOME: gnupg.home };
    execFileSync("pass", ["init", gnupg.key("store")], { env, stdio: "ignore" });
    insert("web1.example.com/etc/key", "line 1\nline 2\n\n");
    insert("web1.example.com/admin", "hunter2\n");
    insert("_site/underscored", "with");
    insert("site/underscored", "without");
    insert("site/plain", "plain\n");
    insert("--luks-passphrase/disk", "no item");
  });
  after(() => gnupg.remove());
  afterEach(() => resetDataSources());

  test("serves entries by the rules, less one newline", async () => {
    registerDataSource(pass(store, { gnupgHome: gnupg.home }));
    assert.equal(await read("web1.example.com", "/etc/key"), "line 1\nline 2\n");
    assert.equal(await read("--user-passwd--web1.example.com", "admin"), "hunter2");
    assert.equal(await read("_site", "underscored"), "with");
    assert.equal(await read("_site", "plain"), "plain");
  });

  test("has no other items, and nothing outside of the store", async () => {
    registerDataSource(pass(store, { gnupgHome: gnupg.home }));
    folder.write("outside.gpg", "");
    for (const [iden1, iden2] of [
      ["web1.example.com", "/etc/other"],
      ["web2.example.com", "/etc/key"],
      ["web1.example.com", "/etc"],
      ["web1.example.com", "../../outside"],
      ["_../..", "outside"],
      ["--user-passwd--../..", "outside"],
      ["--luks-passphrase", "disk"],
      ["---site", "plain"],
    ] as const) {
      await assert.rejects(findData(iden1, iden2), MissingData, `${iden1} ${iden2}`);
    }
  });

  test("has the time of the entry's file for a version", async () => {
    registerDataSource(pass(store, { gnupgHome: gnupg.home }));
    utimesSync(insert("web1.example.com/timed", "x"), 1000, 1000);
    assert.equal((await findData("web1.example.com", "timed")).version, "1000000");
  });

  test("is the store that pass itself would use, by default", async (t) => {
    const before = process.env.PASSWORD_STORE_DIR;
    t.after(() => {
      if (before === undefined) delete process.env.PASSWORD_STORE_DIR;
      else process.env.PASSWORD_STORE_DIR = before;
    });
    process.env.PASSWORD_STORE_DIR = store;
    assert.equal(pass().description, `pass ${store}`);
    delete process.env.PASSWORD_STORE_DIR;
    assert.match(pass().description, /^pass .+\/\.password-store$/);
  });

  test("says so when there is no store", async () => {
    registerDataSource(pass(folder.path("nowhere")));
    await assert.rejects(read("web1.example.com", "x"), (error) => {
      assert.ok(isError(error, MissingDataSource));
      assert.match(error.message, /nowhere/);
      return true;
    });
  });

  test("says what gpg says when it cannot decrypt", async () => {
    const empty = new Gnupg();
    try {
      registerDataSource(pass(store, { gnupgHome: empty.home }));
      await assert.rejects(read("web1.example.com", "admin"), (error) => {
        assert.ok(isError(error, MissingDataSource));
        assert.match(error.message, /decrypting .*web1\.example\.com\/admin\.gpg.*secret key/is);
        assert.doesNotMatch(error.message, /hunter2/);
        return true;
      });
    } finally {
      empty.remove();
    }
  });
});
