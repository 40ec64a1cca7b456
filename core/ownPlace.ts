/**
 * Places that are ours: paths of which no other account can change any part. What is found there was put there
 * by this account or by uid 0, and stays what it was when it was looked at.
 */
import type fs from "node:fs";

/** Tells of paths whether they are ours. The paths are absolute. */
export interface OwnPlaces {
  /**
   * Which part of the path another account can change, and why; undefined where there is none. What is not
   * there is nobody's, as long as others cannot make it.
   */
  foreignPart(file: string): string | undefined;
  /** The same of a directory in which something is to be made: in one like /tmp that would be ours. */
  foreignAbove(directory: string): string | undefined;
  /** Makes the directory, and those above it, for this account alone. @throws Error that names the foreign part */
  makeOwnDirectory(directory: string): void;
}

/**
 * What is asked of places where these accounts are trusted besides this one, uid 0, and the owner of `/`, to
 * whom all that is below it belongs anyway.
 *
 * The text of this function is sent to the Node of a host, which has no module of ours yet: it uses nothing but
 * what it is given and what is in it.
 */
export function ownPlaces(
  { lstatSync, readlinkSync, readFileSync, existsSync, mkdirSync }: typeof fs,
  also: readonly number[] = [],
): OwnPlaces {
  const fieldsOf = (file: string): readonly string[][] =>
    readFileSync(file, "utf8")
      .split("\n")
      .map((line) => line.split(":"));

  /* Many systems give each person a group, and let it write what the person can. That of uid 0 is shared: in
     containers every process may be in it. */
  const isPrivateGroup = (gid: number, uid: number): boolean => {
    if (uid === 0) return false;
    try {
      const accounts = fieldsOf("/etc/passwd");
      const names = accounts.filter(([, , id]) => id === `${uid}`).map(([name]) => name);
      const inside = accounts.filter(([, , , primary]) => primary === `${gid}`);
      const group = fieldsOf("/etc/group").find(([, , id]) => id === `${gid}`);
      const members = (group?.[3] ?? "").split(",").filter((name) => name !== "");
      const isPrimary = inside.length > 0 && inside.every(([, , id]) => id === `${uid}`);
      return group !== undefined && isPrimary && members.every((name) => names.includes(name));
    } catch {
      return false; // a system that has no such files
    }
  };

  const writersOf = ({ mode, uid, gid }: fs.Stats): string | undefined => {
    if ((mode & 0o002) !== 0) return "everybody";
    if ((mode & 0o020) !== 0 && !isPrivateGroup(gid, uid)) return `the group ${gid}`;
    return undefined;
  };

  /* In a directory like /tmp others can make things, but change none of ours. */
  const isShared = (stat: fs.Stats): boolean =>
    stat.isDirectory() && (stat.mode & 0o1000) !== 0 && writersOf(stat) !== undefined;

  const foreign = (file: string, isAbove: boolean): string | undefined => {
    // A process can become another account, and have another root directory.
    const trusted = new Set([0, process.geteuid?.(), lstatSync("/").uid, ...also]);
    const left = ["", ...file.split("/").filter((name) => name !== "")];
    let place = "";
    for (let links = 0; left.length > 0; ) {
      const name = left.shift();
      if (name === "" && place !== "") continue;
      if (name === ".") continue;
      if (name === "..") {
        place = place.slice(0, place.lastIndexOf("/")) || "/";
        continue;
      }
      const above = place;
      place = above === "" || above === "/" ? `/${name}` : `${above}/${name}`;
      const stat = lstatSync(place, { throwIfNoEntry: false });
      if (!stat) {
        const isOpen = !isAbove && isShared(lstatSync(above));
        return isOpen ? `${place} is not there, and everybody can make it` : undefined;
      }
      if (!trusted.has(stat.uid)) return `${place} belongs to uid ${stat.uid}`;
      // Links are followed one by one: each is a part of the way, like the directory that it is in.
      if (stat.isSymbolicLink()) {
        const target = readlinkSync(place);
        if (++links > 40) return `${place} is one of too many links`;
        place = target.startsWith("/") ? "/" : above;
        left.unshift(...target.split("/"));
        continue;
      }
      // Nothing can be made in a file, or be below one.
      if (isAbove && !stat.isDirectory()) return undefined;
      const writers = writersOf(stat);
      if (writers !== undefined && !isShared(stat)) return `${place} can be written by ${writers}`;
      if (!stat.isDirectory()) return undefined;
    }
    const isOpen = !isAbove && isShared(lstatSync(place));
    return isOpen ? `${place} can be written by everybody` : undefined;
  };

  const assertNone = (part: string | undefined): void => {
    if (part !== undefined) throw new Error(part);
  };

  const makeOwnDirectory = (directory: string): void => {
    if (!existsSync(directory)) {
      const above = directory.slice(0, directory.lastIndexOf("/")) || "/";
      if (!existsSync(above)) makeOwnDirectory(above);
      assertNone(foreign(above, true));
      try {
        mkdirSync(directory, { mode: 0o700 });
      } catch (error) {
        // Somebody was faster. Who that was is seen below.
        if ((error as { code?: string }).code !== "EEXIST") throw error;
      }
    }
    assertNone(foreign(directory, false));
  };

  return {
    foreignPart: (file) => foreign(file, false),
    foreignAbove: (directory) => foreign(directory, true),
    makeOwnDirectory,
  };
}
