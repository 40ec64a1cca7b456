import { open, realpath, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { MissingDataSource, UsageError } from "../../engine/index.js";
import { decrypted, type GpgOptions, gpgWords, outputOf } from "../reading/shared.js";

const entrySchema = z.strictObject({
  iden1: z.string(),
  iden2: z.string(),
  version: z.string(),
  content: z.string(),
  /** base64 for what is no text. */
  encoding: z.enum(["utf8", "base64"]),
});

const storeSchema = z.strictObject({
  recipients: z.array(z.string()),
  entries: z.array(entrySchema),
});

/** One item in the encrypted file. */
export type Entry = z.infer<typeof entrySchema>;

/** What the encrypted file says. */
export type Store = z.infer<typeof storeSchema>;

/** What the file says now. @throws MissingDataSource */
export async function readStore(file: string, options: GpgOptions): Promise<Store> {
  const text = (await decrypted(file, options)).toString("utf8");
  try {
    return storeSchema.parse(JSON.parse(text));
  } catch {
    // Without the cause: its text would quote what was decrypted.
    throw new MissingDataSource(`${file} holds no list of prerequisite data`, { file });
  }
}

/**
 * The file says what `change` makes of what it said, or of nothing if there is none. It is at every
 * moment wholly old or wholly new; when anything fails it stays as it was.
 *
 * @throws UsageError when another process is writing it, MissingDataSource when gpg fails.
 */
export async function rewriteStore(
  file: string,
  options: GpgOptions,
  change: (old: Store | undefined) => Store,
): Promise<void> {
  // What a symlink leads to is replaced, not the link.
  const target = (await unlessMissing(realpath(file))) ?? file;
  // Like git's: as long as it is there the file is ours to replace.
  const lock = `${target}.lock`;
  const handle = await open(lock, "wx", 0o600).catch((cause) =>
    Promise.reject(locked(lock, cause)),
  );
  try {
    const old = (await unlessMissing(stat(target))) && (await readStore(target, options));
    const fresh = await encrypted(change(old), target, options);
    await handle.writeFile(fresh);
    await handle.sync();
    await rename(lock, target);
  } catch (error) {
    await rm(lock, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
  await syncDirectory(path.dirname(target));
}

async function unlessMissing<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw new MissingDataSource(`prerequisite data cannot be read: ${cause}`, {}, { cause });
  }
}

function locked(lock: string, cause: NodeJS.ErrnoException): UsageError {
  if (cause.code !== "EEXIST") {
    return new MissingDataSource(`${lock} cannot be made: ${cause.message}`, {}, { cause });
  }
  const hint = "wait for it; if no such process runs any more, remove the file";
  return new UsageError(`it is being written by another: there is ${lock}`, { hint });
}

/** The store as gpg encrypts it. It never was in a file in any other form. */
async function encrypted(store: Store, file: string, options: GpgOptions): Promise<Buffer> {
  const { recipients } = store;
  const to = recipients.map((one) => `--recipient=${one}`);
  const words = to.length > 0 ? to : ["--default-recipient-self"];
  const input = Buffer.from(`${JSON.stringify(store, undefined, 1)}\n`);
  const output = await outputOf([...gpgWords(options), "--armor", ...words, "--encrypt"], {
    input,
    purpose: `encrypting ${file}`,
    hint: "are the recipients' keys here, and trusted?",
  });
  if (output.length > 0) return output;
  throw new MissingDataSource(`encrypting ${file}: gpg printed nothing`, { file });
}

/** A new name in a directory outlives a power cut when the directory has been written. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
