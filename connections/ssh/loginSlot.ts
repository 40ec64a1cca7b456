import type { SshContext } from "./options.js";
import type { Stop } from "./route.js";

/**
 * Settles when it is the turn of this login to that server. The result is called when the login is over,
 * and may be called again.
 */
export async function loginSlot(
  { config: { hostname, port } }: Stop,
  { admit }: SshContext,
): Promise<() => void> {
  return (await admit?.(`${hostname}:${port}`)) ?? (() => {});
}
