/** What another account can do to directories from which code or data is loaded. */
import fs from "node:fs";
import path from "node:path";

/** An account of this machine that nobody has. */
export const stranger = 12345;

/** Makes the directory, which is there and ours, one that a stranger can change. */
type Opening = (directory: string) => void;

/** The ways in which a stranger can change what is at a path. */
export const openings: Readonly<Record<string, Opening>> = {
  "belongs to another account": (directory) => fs.chownSync(directory, stranger, stranger),
  "can be written by a group": (directory) => {
    fs.chownSync(directory, 0, stranger);
    fs.chmodSync(directory, 0o775);
  },
  "can be written by everybody": (directory) => fs.chmodSync(directory, 0o777),
  "is a link of another account": (directory) => {
    const real = `${directory}.real`;
    fs.renameSync(directory, real);
    fs.symlinkSync(real, directory);
    fs.lchownSync(directory, stranger, stranger);
  },
  "is below what belongs to another account": (directory) => {
    const above = path.dirname(directory);
    fs.chownSync(above, stranger, stranger);
  },
};
