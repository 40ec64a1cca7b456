import { homedir } from "node:os";

/** The home of the account: systemd and others start programs without `HOME`. */
export function ownHome(): string {
  try {
    return homedir();
  } catch {
    return "/"; // an account that has only a number
  }
}
