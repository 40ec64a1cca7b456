import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, statSync } from "node:fs";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { gitSnapshot } from "../../data/gitSnapshot/index.js";
import {
  compareVersions,
  type DataSource,
  InvalidArgument,
  MissingData,
  MissingDataSource,
  registerDataSource,
  resetDataSources,
} from "../../engine/index.js";
import { findData } from "../../engine/model/data.js";
import { missing } from "../helpers/programs.js";
import { scratchFolder } from "./helpers/folder.js";

describe("gitSnapshot", { skip: missing("git", "tar") }, () => {
  const folder = scratchFolder();
  let repo = "";
  let count = 0;
  const inherited = process.env.XDG_CACHE_HOME;

  const git = (where: string, ...words: string[]) =>
    execFileSync("git", ["-c", "user.name=n", "-c", "user.email=e", "-C", where, ...words], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    }).trim();

  function commit(content: string): string {
    folder.write(`repo${count}/file`, content);
    folder.write(`repo${count}/bin/run`, "#!/bin/sh\n", 0o700);
    git(repo, "add", ".");
    git(repo, "commit", "--quiet", "--message", content);
    return git(repo, "rev-parse", "HEAD");
  }

  /** The snapshot as a host would have it; the path of the clone. */
  async function unpacked(options = {}): Promise<string> {
    resetDataSources();
    registerDataSource(gitSnapshot("app", repo, options));
    const { content } = await findData("--git-snapshot", "app");
    const place = folder.path(`unpacked${++places}`);
    mkdirSync(place);
    execFileSync("tar", ["-xzf", "-", "-C", place], { input: content });
    assert.deepEqual(readdirSync(place), ["app"]);
    return `${place}/app`;
  }
  let places = 0;

  /** What is in the cache, of all sources. */
  const cached = () =>
    readdirSync(folder.path(`cache${count}`), { recursive: true, withFileTypes: true });

  beforeEach(() => {
    repo = folder.path(`repo${++count}`);
    process.env.XDG_CACHE_HOME = folder.path(`cache${count}`);
    mkdirSync(repo);
    git(repo, "init", "--quiet", "--initial-branch=main");
    commit("one");
  });
  afterEach(() => resetDataSources());
  before(() => assert.equal(process.env.GIT_DIR, undefined));
  after(() => {
    if (inherited === undefined) delete process.env.XDG_CACHE_HOME;
    else process.env.XDG_CACHE_HOME = inherited;
  });

  test("is a clean clone of what is committed, with its history and no remote", async () => {
    const head = commit("two");
    git(repo, "tag", "v2");
    folder.write(`repo${count}/file`, "not committed");
    const clone = await unpacked();
    assert.equal(git(clone, "status", "--porcelain"), "");
    assert.equal(git(clone, "rev-parse", "HEAD"), head);
    assert.equal(git(clone, "rev-list", "--count", "--all"), "2");
    assert.equal(git(clone, "symbolic-ref", "--short", "HEAD"), "main");
    assert.equal(git(clone, "describe", "--tags"), "v2");
    assert.equal(git(clone, "remote"), "");
    assert.equal(
      git(clone, "for-each-ref", "--format=%(refname)"),
      "refs/heads/main\nrefs/tags/v2",
    );
    assert.equal(git(clone, "fsck", "--strict"), "");
    assert.equal(statSync(`${clone}/bin/run`).mode & 0o777, 0o755);
    assert.equal(statSync(`${clone}/file`).mode & 0o777, 0o644);
  });

  test("has a branch, and nothing of the others", async () => {
    git(repo, "checkout", "--quiet", "-b", "private");
    const hidden = commit("private");
    git(repo, "checkout", "--quiet", "main");
    const clone = await unpacked({ branch: "main" });
    assert.throws(() => git(clone, "cat-file", "-e", hidden));
    const other = await unpacked({ branch: "private" });
    assert.equal(git(other, "rev-parse", "HEAD"), hidden);
    assert.equal(git(other, "branch", "--all", "--format=%(refname)"), "refs/heads/private");
  });

  test("is one for each branch and depth, of which only one can have the name", async () => {
    commit("two");
    git(repo, "branch", "old", "HEAD~");
    const version = (source: DataSource) => source.version("--git-snapshot", "app");
    const ways = [{}, { branch: "old" }, { depth: 1 }].map((one) => gitSnapshot("app", repo, one));
    const first = await Promise.all(ways.map(version));
    assert.equal(new Set(first).size, 3);
    assert.deepEqual(await Promise.all(ways.map(version)), first, "each is still there");
    for (const source of ways) assert.ok((await source.read("--git-snapshot", "app")).length > 0);
    const [one, two] = ways;
    assert.ok(one && two);
    for (let times = 0; times < 2; times++) registerDataSource(one);
    assert.throws(() => registerDataSource(two), InvalidArgument);
    registerDataSource(gitSnapshot("other", repo));
  });

  test("may be shallow, or of no branch", async () => {
    const first = git(repo, "rev-parse", "HEAD");
    commit("two");
    assert.equal(git(await unpacked({ depth: 1 }), "rev-list", "--count", "HEAD"), "1");
    git(repo, "checkout", "--quiet", first);
    assert.equal(git(await unpacked(), "rev-parse", "HEAD"), first);
  });

  test("needs nothing of a repository that ours borrows from", async () => {
    const head = git(repo, "rev-parse", "HEAD");
    const borrower = folder.path(`borrower${count}`);
    git(folder.root, "clone", "--quiet", "--shared", repo, borrower);
    repo = borrower;
    const clone = await unpacked();
    assert.equal(git(clone, "rev-parse", "HEAD"), head);
    assert.ok(!readdirSync(`${clone}/.git/objects/info`).includes("alternates"));
  });

  test("is the same bytes for the same commit, however and whenever it is made", async (t) => {
    for (const line of ["two", "three", "four"]) commit(line.repeat(1000));
    git(repo, "tag", "v1");
    const bytesOf = async (where: string) => {
      process.env.XDG_CACHE_HOME = folder.path(`cache${count}-${++places}`);
      resetDataSources();
      registerDataSource(gitSnapshot("app", where));
      return (await findData("--git-snapshot", "app")).content;
    };
    const loose = await bytesOf(repo);
    const mask = process.umask(0o077);
    t.after(() => process.umask(mask));
    const copy = folder.path(`copy${count}`);
    git(folder.root, "clone", "--quiet", "--no-local", repo, copy);
    git(copy, "-c", "core.compression=0", "repack", "-a", "-d", "-F", "--quiet");
    assert.ok(Buffer.from(loose).equals(Buffer.from(await bytesOf(copy))));
  });

  test("is kept until the commit, or its tags, are others; and kept from others", async () => {
    const source = gitSnapshot("app", repo);
    const versionNow = async () => (await source.version("--git-snapshot", "app")) ?? "";
    const [first, same] = [await versionNow(), await versionNow()];
    assert.match(first, /^\d{13}\.[0-9a-f]{40}$/);
    assert.equal(first.split(".")[1], git(repo, "rev-parse", "HEAD"));
    assert.equal(same, first);
    assert.equal(await gitSnapshot("app", repo).version("--git-snapshot", "app"), first);
    commit("two");
    const second = await versionNow();
    assert.ok(compareVersions(second, first) > 0);
    git(repo, "tag", "v1");
    const third = await versionNow();
    assert.notEqual(third, second);
    git(repo, "reset", "--quiet", "--hard", "HEAD~");
    assert.ok(compareVersions(await versionNow(), third) > 0);
    const files = cached().filter((one) => one.isFile());
    assert.equal(files.length, 1);
    for (const one of cached().filter(({ name }) => name !== "consfigurator" && name !== "data")) {
      const { mode } = statSync(`${one.path}/${one.name}`);
      assert.equal(mode & 0o077, 0, one.name);
    }
  });

  test("is made once for all who ask at the same time", async () => {
    const source = gitSnapshot("app", repo);
    const all = [1, 2, 3].map(() => source.version("--git-snapshot", "app"));
    assert.equal(new Set(await Promise.all(all)).size, 1);
  });

  test("is the repository that is named, inside a hook of another", async (t) => {
    const other = repo;
    repo = folder.path(`repo${++count}`);
    mkdirSync(repo);
    git(repo, "init", "--quiet", "--initial-branch=main");
    const head = commit("of another");
    t.after(() => delete process.env.GIT_DIR);
    process.env.GIT_DIR = `${other}/.git`;
    registerDataSource(gitSnapshot("app", repo));
    const { version } = await findData("--git-snapshot", "app");
    delete process.env.GIT_DIR;
    assert.ok(version.endsWith(head));
  });

  test("says so when there is no repository, commit or branch", async () => {
    const empty = folder.path(`empty${count}`);
    git(folder.root, "init", "--quiet", empty);
    const cases: [string, string, object?][] = [
      [folder.path("nowhere"), "nowhere"],
      [folder.root, "not a git repository"],
      [empty, "empty"],
      [repo, "snapshot of", { branch: "--upload-pack=x" }],
    ];
    for (const [where, said, options] of cases) {
      resetDataSources();
      registerDataSource(gitSnapshot("app", where, options));
      await assert.rejects(findData("--git-snapshot", "app"), (error) => {
        assert.ok(error instanceof MissingDataSource, String(error));
        assert.ok(error.message.includes(said), error.message);
        return true;
      });
    }
  });

  test("has no other items, and a name that can be one", async () => {
    registerDataSource(gitSnapshot("app", repo));
    await assert.rejects(findData("--git-snapshot", "other"), MissingData);
    for (const name of ["", "..", "-x", "a/b", "a b"]) {
      assert.throws(() => gitSnapshot(name, repo), InvalidArgument, name);
    }
    for (const depth of [0, -1, 1.5, Number.NaN]) {
      assert.throws(() => gitSnapshot("app", repo, { depth }), InvalidArgument, String(depth));
    }
  });
});
