import { z } from "zod";

/** The schema of a package's name: none that apt takes for an option, a pattern or a removal. */
export const plainPackageName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9.+-]*[a-z0-9.+]$/, "expected the name of a package");

/** The schema of a package's name with, if need be, its architecture: `libc6:i386`. */
export const packageName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9.+-]*[a-z0-9.+](:[a-z0-9][a-z0-9-]*)?$/,
    "expected the name of a package, e.g. nginx or libc6:i386",
  );

/** The schema of a package's version. */
export const packageVersion = z
  .string()
  .regex(/^[0-9][A-Za-z0-9.+~:-]*$/, "expected the version of a package");

/** The schema of a file's name that every part of apt reads: it has no dot. */
export const fileName = z
  .string()
  .max(100)
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_-]*$/, "expected letters, digits, _ and -");

/** The schema of one line of configuration. */
export const oneLine = z.string().regex(/^[^\n\r\0]+$/, "expected one line");

/** The schema of something without blanks, of which several can stand in a line. */
export const oneWord = z.string().regex(/^[^\s\0"]+$/, "expected text without blanks or quotes");

/** The schema of where packages are to be had from. */
export const uri = z.string().regex(/^[a-z][a-z0-9+.-]*:[^\s"]+$/, "expected a URI");
