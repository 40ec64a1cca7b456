import { readdir, rm, stat } from "node:fs/promises";
import path from "node:path";
import { besideCaller, type DataSource, InvalidArgument } from "../../engine/index.js";
import { readOrExplain } from "../reading/shared.js";
import { privateCache } from "./cache.js";
import { type Commit, commitOf, type SnapshotOptions, workPrefix, writeSnapshot } from "./clone.js";

/**
 * Prerequisite data are a git repository on this machine as it is now: (`--git-snapshot`, `name`) is
 * a tar.gz with one directory, `name`, a clone of the repository with its history and without a
 * remote. Only what the branch has is in it: the checked-out one when none is named, and what is
 * committed. The archive is the same for the same commit and tags, whoever makes it with the same
 * git. It is kept in this account's cache until the commit is another. The version is the time it
 * was made, and the commit. A relative path starts where the file is that calls this.
 *
 * @throws MissingDataSource when it is asked and there is no such repository or branch.
 */
export function gitSnapshot(name: string, repo: string, options: SnapshotOptions = {}): DataSource {
  // It names a directory on hosts, and a file here.
  if (!/^[A-Za-z0-9_][\w.+-]*$/.test(name)) {
    throw new InvalidArgument(`${JSON.stringify(name)} cannot name a snapshot`, {
      hint: "use letters, digits and . _ + -",
    });
  }
  const { branch, depth } = options;
  if (depth !== undefined && !(Number.isSafeInteger(depth) && depth > 0)) {
    throw new InvalidArgument(`${depth} is no depth of a clone`, { hint: "use 1 or more" });
  }
  const absolute = besideCaller(repo);
  const words = [branch && `branch ${branch}`, depth && `depth ${depth}`].filter(Boolean);
  const isOurs = (iden1: string, iden2: string) => iden1 === "--git-snapshot" && iden2 === name;
  let last: Promise<Snapshot> | undefined;
  /** One after the other, so that many who ask at once have it made once. */
  const current = () => {
    const before = last ?? Promise.resolve();
    last = before.catch(() => {}).then(() => snapshot(name, absolute, options));
    return last;
  };
  return {
    description: ["gitSnapshot", name, "of", absolute, ...words].join(" "),
    sole: `--git-snapshot ${name}`,
    version: async (one, two) => (isOurs(one, two) ? (await current()).version : undefined),
    // What the version was told of, even if something was committed since.
    read: async () => readOrExplain((await (last ?? current())).file),
  };
}

interface Snapshot {
  readonly version: string;
  readonly file: string;
}

/** The snapshot of what is committed now: the one in the cache, or a new one in its place. */
async function snapshot(name: string, repo: string, options: SnapshotOptions): Promise<Snapshot> {
  const commit = await commitOf(repo, options);
  const { branch = "", depth = "" } = options;
  const directory = privateCache("gitSnapshot", name, commit.repo, branch, `${depth}`);
  const suffix = `.${commit.state}.tar.gz`;
  const files = await readdir(directory);
  const there = files.find((file) => file.endsWith(suffix));
  if (there !== undefined) return made(directory, there, suffix, commit);
  const fresh = `${Date.now()}${suffix}`;
  await writeSnapshot(path.join(directory, fresh), name, commit, options);
  for (const old of files) await removeOld(path.join(directory, old));
  return made(directory, fresh, suffix, commit);
}

function made(directory: string, file: string, suffix: string, { id }: Commit): Snapshot {
  return { file: path.join(directory, file), version: `${file.slice(0, -suffix.length)}.${id}` };
}

const dayMs = 24 * 60 * 60 * 1000;

/** Something in the cache is gone, unless another process may be at work in it. */
async function removeOld(file: string): Promise<void> {
  if (path.basename(file).startsWith(workPrefix)) {
    const since = await stat(file).catch(() => undefined); // gone meanwhile
    if (!since || Date.now() - since.mtimeMs < dayMs) return;
  }
  await rm(file, { recursive: true, force: true });
}
