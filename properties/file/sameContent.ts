/** Whether a file has given bytes, found out at a price that does not grow with them. */
import { FileNotFound, isError, type LookingHost, OutputTooLarge } from "../../engine/index.js";

/** Content up to this is read back and compared; of longer content the hashes are. */
const longestRead = 64 * 1024;

/** Whether there is a file at the path with exactly these bytes. @throws FileFailed */
export async function sameContent(
  host: LookingHost,
  path: string,
  bytes: Uint8Array,
): Promise<boolean> {
  if (bytes.length > longestRead) {
    const [stat, wanted] = await Promise.all([host.stat(path, { follow: true }), sha256(bytes)]);
    if (stat?.type !== "file" || stat.size !== bytes.length) return false;
    return (await host.sha256(path)) === wanted;
  }
  try {
    const found = await host.readBytes(path);
    return found.length === bytes.length && found.every((byte, index) => byte === bytes[index]);
  } catch (error) {
    if (isError(error, FileNotFound) || isError(error, OutputTooLarge)) return false;
    throw error;
  }
}

async function sha256(bytes: Uint8Array): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", Uint8Array.from(bytes));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
