import type { SshContext } from "./options.js";
import type { Stop } from "./route.js";

/**
 * It is the turn of a login to that server. The result is called when the login is over, and may be
 * called again.
 */
export async function loginSlot(
  { config: { hostname, port } }: Stop,
  { admit }: SshContext,
): Promise<() => void> {
  return (await admit?.(`${hostname}:${port}`)) ?? (() => {});
}
