import type { ConfiguredAlgorithms } from "./config.js";
import { matchesPattern } from "./sshConfigSyntax.js";

/** What ssh2 1.17 can do, in its own order of preference; `legacy`: only when it is asked for. */
export const ssh2Algorithms = {
  kex: {
    usual: [
      "curve25519-sha256@libssh.org",
      "curve25519-sha256",
      "ecdh-sha2-nistp256",
      "ecdh-sha2-nistp384",
      "ecdh-sha2-nistp521",
      "diffie-hellman-group-exchange-sha256",
      "diffie-hellman-group14-sha256",
      "diffie-hellman-group15-sha512",
      "diffie-hellman-group16-sha512",
      "diffie-hellman-group17-sha512",
      "diffie-hellman-group18-sha512",
    ],
    legacy: [
      "diffie-hellman-group-exchange-sha1",
      "diffie-hellman-group14-sha1",
      "diffie-hellman-group1-sha1",
    ],
  },
  serverHostKey: {
    usual: [
      "ssh-ed25519",
      "ecdsa-sha2-nistp256",
      "ecdsa-sha2-nistp384",
      "ecdsa-sha2-nistp521",
      "rsa-sha2-512",
      "rsa-sha2-256",
    ],
    // ssh-rsa signs with SHA-1: OpenSSH left it out in 8.8, so do we.
    legacy: ["ssh-rsa", "ssh-dss"],
  },
  cipher: {
    usual: [
      "aes128-gcm@openssh.com",
      "aes256-gcm@openssh.com",
      "aes128-ctr",
      "aes192-ctr",
      "aes256-ctr",
      "chacha20-poly1305@openssh.com",
    ],
    legacy: ["aes256-cbc", "aes192-cbc", "aes128-cbc"],
  },
  hmac: {
    usual: [
      "hmac-sha2-256-etm@openssh.com",
      "hmac-sha2-512-etm@openssh.com",
      "hmac-sha1-etm@openssh.com",
      "hmac-sha2-256",
      "hmac-sha2-512",
      "hmac-sha1",
    ],
    legacy: ["hmac-md5"],
  },
} as const;

type Kind = keyof typeof ssh2Algorithms;

const kinds: Readonly<Record<Kind, string>> = {
  kex: "KexAlgorithms",
  serverHostKey: "HostKeyAlgorithms",
  cipher: "Ciphers",
  hmac: "MACs",
};

/** The keywords of ssh_config whose lists hold nothing that ssh2 can do. */
export function beyondSsh2(configured: ConfiguredAlgorithms): string[] {
  return (Object.keys(kinds) as Kind[])
    .filter((kind) => usable(kind, configured[kind]).length === 0)
    .map((kind) => kinds[kind]);
}

/** The lists to negotiate with: what is configured as far as ssh2 can do it, else the usual ones. */
export function negotiable(
  configured: ConfiguredAlgorithms,
  knownKeyTypes: ReadonlySet<string>,
): Record<Kind, string[]> {
  const hostKeys = usable("serverHostKey", configured.serverHostKey);
  // A host with several keys is asked for one by which it is known, as OpenSSH does.
  const isKnown = (algorithm: string) => knownKeyTypes.has(keyTypeOf(algorithm));
  return {
    kex: usable("kex", configured.kex),
    serverHostKey: [...hostKeys.filter(isKnown), ...hostKeys.filter((name) => !isKnown(name))],
    cipher: usable("cipher", configured.cipher),
    hmac: usable("hmac", configured.hmac),
  };
}

/** The type of the keys with which a signature algorithm signs. */
function keyTypeOf(algorithm: string): string {
  return algorithm.startsWith("rsa-sha2-") ? "ssh-rsa" : algorithm;
}

function usable(kind: Kind, configured: readonly string[] | undefined): string[] {
  const usual: readonly string[] = ssh2Algorithms[kind].usual;
  const all: readonly string[] = [...usual, ...ssh2Algorithms[kind].legacy];
  if (!configured) return [...usual];
  // `ssh -G` has resolved these three signs already; our own reading of the files has not.
  const sign = configured[0]?.[0] ?? "";
  const patterns = configured.map((name, index) => (index === 0 ? name.slice(1) : name));
  const meant = (name: string) => patterns.some((pattern) => matchesPattern(pattern, name));
  if (sign === "+")
    return [...usual, ...all.filter((name) => !usual.includes(name) && meant(name))];
  if (sign === "-") return usual.filter((name) => !meant(name));
  if (sign === "^") return [...all.filter(meant), ...usual.filter((name) => !meant(name))];
  return configured.filter((name) => all.includes(name));
}
