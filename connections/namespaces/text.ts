/**
 * Shell text in one line, as a word for any login shell; lines that are comments are left out. What
 * the shell is to expand is written `\${…}`.
 */
export function oneLine(text: TemplateStringsArray, ...values: readonly string[]): string {
  return String.raw(text, ...values)
    .replaceAll("\\${", "${")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .join(" ");
}

/** Where programs are looked for by uid 0, and by others. */
export const paths = {
  superuser: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  user: "/usr/local/bin:/usr/bin:/bin",
} as const;

/** Shell text: the programs of the administrator are found, also after a `su` that kept the PATH. */
export const findsPrograms = "PATH=$PATH:/usr/sbin:/sbin;";
