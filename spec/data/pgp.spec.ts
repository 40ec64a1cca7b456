import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { getPgpEntry, listPgpEntries, pgp, setPgpEntry } from "../../data/pgp/index.js";
import {
  compareVersions,
  isError,
  MissingData,
  MissingDataSource,
  registerDataSource,
  resetDataSources,
  Secret,
  UsageError,
} from "../../engine/index.js";
import { findData } from "../../engine/model/data.js";
import { missing } from "../helpers/programs.js";
import { scratchFolder, text } from "./helpers/folder.js";
import { Gnupg } from "./helpers/gnupg.js";

describe("pgp", { skip: missing("gpg", "gpgconf") }, () => {
  const folder = scratchFolder();
  let gnupg: Gnupg;
  let options: { gnupgHome: string };
  let alice = "";
  let bob = "";
  let file = "";
  let count = 0;

  before(() => {
    gnupg = new Gnupg();
    options = { gnupgHome: gnupg.home };
    alice = gnupg.key("alice");
    bob = gnupg.key("bob");
  });
  after(() => gnupg.remove());
  beforeEach(() => {
    file = folder.path(`store${++count}.gpg`);
  });
  afterEach(() => {
    resetDataSources();
    assert.ok(!existsSync(`${file}.lock`), "the lock is gone");
  });

  const set = (iden2: string, content: string | Uint8Array | Secret | undefined) =>
    setPgpEntry(file, "_site", iden2, content, options);
  const recipients = () =>
    gnupg.gpg(["--list-packets", file]).match(/^:pubkey enc packet/gm)?.length;

  test("entries that are set are listed, got, and served", async () => {
    const bytes = Buffer.from([0xff, 0, 10]);
    const begun = Date.now();
    await set("text", "grüße\n");
    await set("bytes", bytes);
    await set("secret", new Secret("hunter2"));
    const entries = await listPgpEntries(file, options);
    assert.deepEqual(
      entries.map(({ iden1, iden2 }) => `${iden1} ${iden2}`),
      ["_site text", "_site bytes", "_site secret"],
    );
    assert.equal((await getPgpEntry(file, "_site", "secret", options))?.reveal(), "hunter2");
    assert.equal(await getPgpEntry(file, "_site", "other", options), undefined);
    registerDataSource(pgp(file, options));
    const item = await findData("_site", "text");
    assert.equal(text(item.content), "grüße\n");
    assert.ok(Number(item.version) >= begun && Number(item.version) <= Date.now());
    assert.deepEqual(Buffer.from((await findData("_site", "bytes")).content), bytes);
    await assert.rejects(findData("_site", "other"), MissingData);
  });

  test("setting again replaces with a greater version; setting nothing removes", async () => {
    await set("a", "1");
    await set("b", "1");
    const source = pgp(file, options);
    registerDataSource(source);
    const before = await findData("_site", "a");
    await set("a", "2");
    const later = await findData("_site", "a");
    assert.equal(text(later.content), "2");
    assert.ok(compareVersions(later.version, before.version) > 0);
    await set("a", undefined);
    await assert.rejects(findData("_site", "a"), MissingData);
    assert.equal(text((await findData("_site", "b")).content), "1");
  });

  test("is for its recipients, and stays so", async () => {
    await set("a", "1");
    assert.equal(recipients(), 1);
    await setPgpEntry(file, "_site", "a", "2", { ...options, recipients: [alice, bob] });
    await set("a", "3");
    assert.equal(recipients(), 2);
  });

  test("is nobody else's to read, and never was on disk in plain text", async () => {
    await set("a", "plainly visible");
    assert.equal(statSync(file).mode & 0o777, 0o600);
    for (const name of readdirSync(folder.root)) {
      assert.doesNotMatch(readFileSync(folder.path(name), "latin1"), /plainly|_site/);
    }
  });

  test("stays as it was when encryption fails", async () => {
    await set("a", "kept");
    const before = readFileSync(file);
    const nobody = { ...options, recipients: ["0".repeat(40)] };
    await assert.rejects(setPgpEntry(file, "_site", "a", "hunter2", nobody), (error) => {
      assert.ok(isError(error, MissingDataSource));
      assert.match(error.message, /encrypting .*store/);
      assert.doesNotMatch(error.message, /hunter2|kept/);
      return true;
    });
    assert.deepEqual(readFileSync(file), before);
  });

  test("stays as it was when it cannot be decrypted, or holds something else", async () => {
    const foreign = ["--recipient", "=alice", "--yes", "--output", file, "--encrypt"];
    for (const content of ["not json: hunter2", '{"entries": "hunter2"}', undefined]) {
      if (content === undefined) folder.write(`store${count}.gpg`, "no such thing");
      else gnupg.gpg(foreign, content);
      const before = readFileSync(file);
      await assert.rejects(set("a", "new"), (error) => {
        assert.ok(isError(error, MissingDataSource));
        assert.doesNotMatch(`${error.stack} ${JSON.stringify(error)} ${error.cause}`, /hunter2/);
        return true;
      });
      assert.deepEqual(readFileSync(file), before);
    }
  });

  test("of two who write at once, one writes and the other says so", async () => {
    await set("a", "1");
    const both = await Promise.allSettled([set("a", "2"), set("b", "2")]);
    const [first] = both.filter(({ status }) => status === "rejected");
    const reason = first?.status === "rejected" ? first.reason : undefined;
    assert.ok(isError(reason, UsageError), String(reason));
    assert.equal(both.filter(({ status }) => status === "fulfilled").length, 1);
    assert.match(reason.message, /being written by another/);
  });

  test("a symlink to it stays one", async () => {
    await set("a", "1");
    const link = folder.path(`link${count}`);
    symlinkSync(file, link);
    await setPgpEntry(link, "_site", "a", "2", options);
    assert.equal((await getPgpEntry(file, "_site", "a", options))?.reveal(), "2");
  });

  test("says so when it is not there, or the key is not", async () => {
    registerDataSource(pgp(folder.path("nowhere"), options));
    await assert.rejects(findData("_site", "a"), MissingDataSource);
    resetDataSources();
    await set("a", "1");
    const empty = new Gnupg();
    try {
      registerDataSource(pgp(file, { gnupgHome: empty.home }));
      await assert.rejects(findData("_site", "a"), /decrypting .*secret key/is);
    } finally {
      empty.remove();
    }
  });
});
