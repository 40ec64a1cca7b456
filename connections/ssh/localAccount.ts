import { userInfo } from "node:os";

/** The local account as OpenSSH sees it: the password database decides, not the environment. */
export function localAccount(): { readonly name: string; readonly home: string } {
  try {
    const { username, homedir: home } = userInfo();
    return { name: username, home };
  } catch {
    // An account without an entry, as in some containers.
    const { USER = String(process.getuid?.() ?? ""), HOME = "/" } = process.env;
    return { name: USER, home: HOME };
  }
}
