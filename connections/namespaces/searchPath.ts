/** Where programs are looked for by uid 0, and by others. */
export const paths = {
  superuser: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  user: "/usr/local/bin:/usr/bin:/bin",
} as const;

/** Shell text: the programs of the administrator are found, also after a `su` that kept the PATH. */
export const findsPrograms = "PATH=$PATH:/usr/sbin:/sbin;";
