/** A gpg directory of a spec's own, with keys that have no passphrase, and no agent left running. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";

/** gpg with its own keys. */
export class Gnupg {
  // Below TMPDIR, whose name specs have short: sockets are made here.
  readonly home = mkdtempSync(path.join(os.tmpdir(), "g-"));

  /** What gpg prints. */
  gpg(words: readonly string[], input = ""): string {
    return execFileSync("gpg", ["--homedir", this.home, "--batch", "--quiet", ...words], {
      encoding: "utf8",
      input,
      stdio: ["pipe", "pipe", "pipe"],
    });
  }

  /** A new key that can sign and be encrypted to; its fingerprint. */
  key(user: string): string {
    this.gpg(["--passphrase", "", "--quick-generate-key", user, "default", "default", "never"]);
    const listed = this.gpg(["--with-colons", "--list-keys", `=${user}`]);
    return /^fpr:{9}([0-9A-F]+):/m.exec(listed)?.[1] ?? "";
  }

  remove(): void {
    execFileSync("gpgconf", ["--homedir", this.home, "--kill", "all"]);
    rmSync(this.home, { recursive: true, force: true });
  }
}
