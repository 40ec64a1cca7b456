/** Accounts of the machine that this process runs on, as the system's own programs would name them. */
import fs from "node:fs";

/** The user with that number; undefined if only the system's own programs may know one. */
export function userName(uid: number): string | undefined {
  return nameIn("/etc/passwd", uid);
}

/** The group with that number; undefined if only the system's own programs may know one. */
export function groupName(gid: number): string | undefined {
  return nameIn("/etc/group", gid);
}

/** The first name with that number. */
function nameIn(table: string, id: number): string | undefined {
  try {
    const line = new RegExp(`^([^#:\\n][^:\\n]*):[^:\\n]*:${id}:`, "m");
    return line.exec(fs.readFileSync(table, "utf8"))?.[1];
  } catch {
    return undefined;
  }
}
