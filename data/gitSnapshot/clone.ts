import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdtemp, rename, rm } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { lastLines, MissingDataSource } from "../../engine/index.js";
import { outputOf } from "../reading/shared.js";

/** What of a repository is in its snapshot. */
export interface SnapshotOptions {
  /** So many commits of the history; all by default. */
  readonly depth?: number;
  /** The branch; the one that is checked out by default. */
  readonly branch?: string;
}

/** What a repository has now. */
export interface Commit {
  readonly id: string;
  /** Seconds since 1970. */
  readonly time: string;
  /** Another one for another commit, other tags or other options. */
  readonly state: string;
  /** The repository, told apart from others. */
  readonly repo: string;
}

/** What is to be in the snapshot. @throws MissingDataSource when there is no repository or branch */
export async function commitOf(repo: string, options: SnapshotOptions): Promise<Commit> {
  const { branch, depth } = options;
  const ask = async (...words: string[]) => (await git(repo, words)).toString("utf8").trim();
  const name = branch === undefined ? "HEAD" : `refs/heads/${branch}`;
  const id = await ask("rev-parse", "--verify", "--end-of-options", `${name}^{commit}`);
  const time = await ask("show", "--no-patch", "--format=%ct", id);
  const ref = branch ?? (await ask("rev-parse", "--symbolic-full-name", "HEAD"));
  const tags = await ask(
    "for-each-ref",
    "--format=%(objectname) %(refname)",
    `--merged=${id}`,
    "refs/tags",
  );
  const all = JSON.stringify([id, ref, tags, depth]);
  const state = createHash("sha256").update(all).digest("hex").slice(0, 32);
  return { id, time, state, repo };
}

/** The file is the snapshot: wholly, or not at all. @throws MissingDataSource */
export async function writeSnapshot(
  file: string,
  name: string,
  { repo, time }: Commit,
  { depth, branch }: SnapshotOptions,
): Promise<void> {
  const work = await mkdtemp(path.join(path.dirname(file), workPrefix));
  try {
    const clone = path.join(work, name);
    await git(repo, [
      ...["-c", "core.logAllRefUpdates=false", "-c", "advice.detachedHead=false"],
      // Not by copying files: that would take what the branch does not have, and not what the
      // repository borrows from others.
      ...["clone", "--quiet", "--no-local", "--single-branch", "--origin=origin", "--template="],
      ...(depth === undefined ? [] : [`--depth=${depth}`]),
      ...(branch === undefined ? [] : [`--branch=${branch}`]),
      ...["--", repo, clone],
    ]);
    await git(clone, ["remote", "remove", "origin"]);
    // A remote's HEAD is left behind when only one branch was cloned.
    await git(clone, ["update-ref", "--no-deref", "-d", "refs/remotes/origin/HEAD"]);
    await git(clone, ["pack-refs", "--all"], unconfigured);
    // Neither how the repository happens to be packed nor the number of processors matters.
    const repack = ["repack", "-a", "-d", "-F", "-n", "--quiet"];
    await git(clone, ["-c", "pack.threads=1", ...repack], unconfigured);
    // The index without what it knows of the files here: their times and inodes.
    await git(clone, ["read-tree", "HEAD"], unconfigured);
    const archive = path.join(work, "archive");
    await pack(work, name, time, archive);
    await rename(archive, file);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Begins the names of directories in which a snapshot is being made. */
export const workPrefix = "work-";

/** Settings that would make another archive of the same commit. */
const unconfigured = { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" };

function git(
  directory: string,
  words: readonly string[],
  variables: NodeJS.ProcessEnv = {},
): Promise<Buffer> {
  // A hook that starts us has variables set that name the repository it is of.
  const inherited = Object.entries(process.env).filter(
    ([name]) => !name.startsWith("GIT_") || name.startsWith("GIT_CONFIG_"),
  );
  return outputOf(["git", "-C", directory, ...words], {
    input: new Uint8Array(),
    env: { ...Object.fromEntries(inherited), LC_ALL: "C", ...variables },
    purpose: `making a snapshot of ${directory}`,
    hint: "is it a git repository of yours, with a commit on that branch?",
  });
}

/** A tar.gz in which nothing depends on when, where and by whom it was made. */
async function pack(directory: string, name: string, time: string, file: string): Promise<void> {
  const same = ["--sort=name", `--mtime=@${time}`, "--owner=0", "--group=0", "--numeric-owner"];
  const words = ["--format=gnu", ...same, "--mode=u=rwX,go=rX", "-C", directory, "-cf", "-", name];
  const child = spawn("tar", words, { stdio: ["ignore", "pipe", "pipe"] });
  const stderr: Buffer[] = [];
  child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  const ended = new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) =>
      code === 0 ? resolve() : reject(new Error(`exit code ${code}`)),
    );
  });
  try {
    const output = createWriteStream(file, { mode: 0o600, flush: true });
    await Promise.all([ended, pipeline(child.stdout, createGzip(), output)]);
  } catch (cause) {
    const said = lastLines(Buffer.concat(stderr).toString("utf8"), 5);
    throw new MissingDataSource(`tar cannot pack ${file}: ${cause}\n${said}`, {}, { cause });
  }
}
