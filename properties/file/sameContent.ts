/** Whether a file has given bytes, found out at a price that does not grow with them. */
import {
  FileNotFound,
  isError,
  type LookingHost,
  OutputTooLarge,
  script,
} from "../../engine/index.js";

/** Content up to this is read back and compared; of longer content the hashes are. */
const longestRead = 64 * 1024;

/** Whether there is a file at the path with exactly these bytes. @throws FileFailed */
export async function sameContent(
  host: LookingHost,
  path: string,
  bytes: Uint8Array,
): Promise<boolean> {
  if (bytes.length > longestRead) {
    const [{ size } = { size: -1 }, wanted] = await Promise.all([
      host.stat(path, { follow: true }),
      sha256(bytes),
    ]);
    return size === bytes.length && (await sha256Of(host, path)) === wanted;
  }
  try {
    const found = await host.readBytes(path);
    return found.length === bytes.length && found.every((byte, index) => byte === bytes[index]);
  } catch (error) {
    if (isError(error, FileNotFound) || isError(error, OutputTooLarge)) return false;
    throw error;
  }
}

/** The hash of a file, by whichever of the usual programs is there. Undefined: there is no file. */
export async function sha256Of(host: LookingHost, path: string): Promise<string | undefined> {
  const { stdout } = await host.query(
    script`f=${path}
      if [ ! -f "$f" ]; then exit; fi
      exec <"$f"
      if command -v sha256sum >/dev/null; then sha256sum
      elif command -v sha256 >/dev/null; then sha256 -q
      elif command -v shasum >/dev/null; then shasum -a 256
      else openssl dgst -sha256 -r
      fi`,
  );
  return /^[0-9a-f]{64}/.exec(stdout)?.[0];
}

async function sha256(bytes: Uint8Array): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", Uint8Array.from(bytes));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
