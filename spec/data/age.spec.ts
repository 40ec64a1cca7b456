import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, utimesSync } from "node:fs";
import path from "node:path";
import { afterEach, before, describe, test } from "node:test";
import { age } from "../../data/age/index.js";
import {
  InvalidArgument,
  isError,
  MissingData,
  MissingDataSource,
  registerDataSource,
  resetDataSources,
} from "../../engine/index.js";
import { findData } from "../../engine/model/data.js";
import { missing } from "../helpers/programs.js";
import { scratchFolder } from "./helpers/folder.js";

describe("age", { skip: missing("age", "age-keygen") }, () => {
  const folder = scratchFolder();
  const root = folder.path("tree");
  const identity = folder.path("identity");
  const other = folder.path("other");
  const bytes = Buffer.from([0, 255, 10, 13, 10]);

  function encrypt(name: string, content: Uint8Array): string {
    const recipient = execFileSync("age-keygen", ["-y", identity], { encoding: "utf8" }).trim();
    const file = path.join(root, name);
    mkdirSync(path.dirname(file), { recursive: true });
    execFileSync("age", ["--recipient", recipient, "--output", file], { input: content });
    return file;
  }

  before(() => {
    for (const file of [identity, other]) {
      execFileSync("age-keygen", ["--output", file], { stdio: "ignore" });
    }
    encrypt("web1.example.com/etc/key.age", bytes);
    encrypt("_site/-x.age", Buffer.from("dash"));
  });
  afterEach(() => resetDataSources());

  test("serves every byte of what is encrypted below the directory", async () => {
    registerDataSource(age(root, { identity: [other, identity] }));
    assert.deepEqual((await findData("web1.example.com", "/etc/key")).content, bytes);
    assert.equal(String((await findData("_site", "-x")).content), "dash");
  });

  test("has no other items, and nothing outside", async () => {
    registerDataSource(age(root, { identity }));
    folder.write("outside.age", "");
    for (const item of ["/etc", "/etc/key.age", "/etc/other", "../../outside"]) {
      await assert.rejects(findData("web1.example.com", item), MissingData, item);
    }
  });

  test("has the time of the file for a version", async () => {
    registerDataSource(age(root, { identity }));
    utimesSync(encrypt("_site/timed.age", bytes), 1000, 1000);
    assert.equal((await findData("_site", "timed")).version, "1000000");
  });

  test("says what age says when it cannot decrypt", async () => {
    for (const wrong of [other, folder.path("nowhere")]) {
      resetDataSources();
      registerDataSource(age(root, { identity: wrong }));
      await assert.rejects(findData("_site", "-x"), (error) => {
        assert.ok(isError(error, MissingDataSource));
        assert.match(
          error.message,
          /_site\/-x\.age: age ended with exit code 1\n.*(match|nowhere)/s,
        );
        return true;
      });
    }
  });

  test("says so when there is no directory, or no age", async (t) => {
    registerDataSource(age(folder.path("nowhere"), { identity }));
    await assert.rejects(findData("_site", "-x"), MissingDataSource);
    resetDataSources();
    registerDataSource(age(root, { identity }));
    const { PATH = "" } = process.env;
    t.after(() => Object.assign(process.env, { PATH }));
    process.env.PATH = folder.root;
    await assert.rejects(findData("_site", "-x"), /age is not installed here/);
  });

  test("needs an identity", () => {
    assert.throws(() => age(root, { identity: [] }), InvalidArgument);
  });
});
