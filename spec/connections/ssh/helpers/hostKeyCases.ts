import type { SshOptions } from "../../../../connections/ssh/openSsh.js";
import type { Lab, Sshd } from "./lab.js";

/** What the known_hosts file holds, and what must come of it. */
export interface HostKeyCase {
  readonly name: string;
  readonly lines: (server: Sshd, other: Sshd, lab: Lab) => readonly string[];
  readonly expected: "accepted" | "unknown" | "changed" | "revoked";
  readonly more?: Partial<SshOptions> & { settings?: readonly string[] };
}

const at = (server: Sshd) => `[127.0.0.1]:${server.port}`;
const newKey = (lab: Lab) => lab.publicKey(lab.key()).split(" ").slice(0, 2).join(" ");

export const hostKeyCases: readonly HostKeyCase[] = [
  { name: "an empty file", lines: () => [], expected: "unknown" },
  {
    name: "the key",
    lines: (s) => [`${at(s)} ${s.publicHostKey("ed25519")}`],
    expected: "accepted",
  },
  {
    name: "another key of the type",
    lines: (s, _, lab) => [`${at(s)} ${newKey(lab)}`],
    expected: "changed",
  },
  {
    name: "another key, and StrictHostKeyChecking no",
    lines: (s, _, lab) => [`${at(s)} ${newKey(lab)}`],
    expected: "changed",
    more: { settings: ["StrictHostKeyChecking no"] },
  },
  {
    name: "nothing, and StrictHostKeyChecking no",
    lines: () => [],
    expected: "unknown",
    more: { settings: ["StrictHostKeyChecking no"] },
  },
  {
    name: "nothing, and StrictHostKeyChecking accept-new",
    lines: () => [],
    expected: "unknown",
    more: { settings: ["StrictHostKeyChecking accept-new"] },
  },
  {
    name: "nothing, and NoHostAuthenticationForLocalhost yes",
    lines: () => [],
    expected: "unknown",
    more: { settings: ["NoHostAuthenticationForLocalhost yes"] },
  },
  {
    name: "another key, and acceptNewHostKey",
    lines: (s, _, lab) => [`${at(s)} ${newKey(lab)}`],
    expected: "changed",
    more: { acceptNewHostKey: true },
  },
  {
    name: "the key, for another port",
    lines: (s) => [`[127.0.0.1]:${s.port + 1} ${s.publicHostKey("ed25519")}`],
    expected: "unknown",
  },
  {
    name: "the key, for the host without a port",
    lines: (s) => [`127.0.0.1 ${s.publicHostKey("ed25519")}`],
    expected: "accepted",
  },
  {
    name: "only the key of another type",
    lines: (s) => [`${at(s)} ${s.publicHostKey("rsa")}`],
    expected: "accepted",
  },
  {
    name: "only the key of a third type",
    lines: (s) => [`${at(s)} ${s.publicHostKey("ecdsa")}`],
    expected: "accepted",
  },
  {
    name: "another host's key besides the right one",
    lines: (s, o) => [
      `${at(s)} ${o.publicHostKey("ed25519")}`,
      `${at(s)} ${s.publicHostKey("ed25519")}`,
    ],
    expected: "accepted",
  },
  {
    name: "the key, revoked",
    lines: (s) => [
      `${at(s)} ${s.publicHostKey("ed25519")}`,
      `@revoked * ${s.publicHostKey("ed25519")}`,
    ],
    expected: "revoked",
  },
  {
    name: "the key, revoked, and acceptNewHostKey",
    lines: (s) => [`@revoked ${at(s)} ${s.publicHostKey("ed25519")}`],
    expected: "revoked",
    more: { acceptNewHostKey: true },
  },
  {
    name: "another key, revoked",
    lines: (s, o) => [
      `@revoked * ${o.publicHostKey("ed25519")}`,
      `${at(s)} ${s.publicHostKey("ed25519")}`,
    ],
    expected: "accepted",
  },
  {
    name: "the key for a list of names",
    lines: (s) => [`web1,${at(s)},10.0.0.1 ${s.publicHostKey("ed25519")} a comment`],
    expected: "accepted",
  },
  {
    name: "the key for a pattern",
    lines: (s) => [`[127.0.0.?]:* ${s.publicHostKey("ed25519")}`],
    expected: "accepted",
  },
  {
    name: "the key for a pattern that excludes the host",
    lines: (s) => [`*,!127.0.0.1,!${at(s)} ${s.publicHostKey("ed25519")}`],
    expected: "unknown",
  },
  {
    name: "comments, blank and broken lines before the key",
    lines: (s) => [
      "# comment",
      "",
      "   ",
      `${at(s)} ssh-ed25519 !!!!`,
      `${at(s)}`,
      "|1|bad|bad ssh-ed25519 AAAA",
      `@nonsense ${at(s)} ${s.publicHostKey("rsa")}`,
      `  ${at(s)}\t${s.publicHostKey("ed25519").replace(" ", "\t")}  # mine`,
    ],
    expected: "accepted",
  },
  {
    name: "only broken lines",
    lines: (s) => [`${at(s)} ssh-ed25519 !!!!`, `${at(s)} ${s.publicHostKey("rsa").slice(0, 40)}`],
    expected: "unknown",
  },
  {
    name: "the key under its alias",
    lines: (s) => [`some-alias ${s.publicHostKey("ed25519")}`],
    expected: "accepted",
    more: { settings: ["HostKeyAlias some-alias"] },
  },
];
