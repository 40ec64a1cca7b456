import type { HostKeyRefused } from "../../engine/index.js";
import { addHostKey } from "./addHostKey.js";
import { hostKeyRefused, placeOf } from "./failures.js";
import { fingerprint, type PublicKey, publicKey } from "./keys.js";
import { readKnownHosts, type Verdict } from "./knownHosts.js";
import type { SshContext } from "./options.js";
import type { Stop } from "./route.js";

/** Decides about the keys that one connection's host shows. */
export interface HostKeyVerifier {
  /** Why the last key was refused. */
  readonly refusal: HostKeyRefused | undefined;
  /** Whether the key is to be trusted; whatever goes wrong on the way, the answer is no. */
  verify(blob: Buffer): boolean;
  /**
   * The accepted key stands in known_hosts. To be called when the host has proved that it owns the
   * key and before anything is sent to it.
   *
   * @throws HostKeyRefused when it cannot be written, or another key was added meanwhile.
   */
  record(): void;
}

/** What judges the host key that a stop shows, by the known ones. */
export function hostKeyVerifier(stop: Stop, context: SshContext): HostKeyVerifier {
  const { options, names, knownHosts } = stop;
  let refusal: HostKeyRefused | undefined;
  let pinned: PublicKey | undefined;
  let isNew = false;
  return {
    get refusal() {
      return refusal;
    },
    verify(blob) {
      const key = publicKey(Buffer.from(blob)) ?? { type: "unreadable", blob };
      // A key exchange repeated later must show the same key, whatever else is known.
      if (pinned) {
        if (pinned.blob.equals(blob)) return true;
        refusal = hostKeyRefused(stop, { reason: "swapped", shown: nameOf(key) });
        return false;
      }
      const verdict = knownHosts.verdict(names, blob);
      isNew = verdict.is === "unknown" && options.acceptNewHostKey === true;
      if (verdict.is !== "known" && !isNew) {
        refusal = refuse(stop, verdict, key);
        return false;
      }
      pinned = key;
      return true;
    },
    record() {
      if (!pinned || !isNew) return;
      // Another connection may have met the host meanwhile.
      const verdict = readKnownHosts(knownHosts.files).verdict(names, pinned.blob);
      if (verdict.is === "known") return;
      if (verdict.is !== "unknown") throw refuse(stop, verdict, pinned);
      const file = addHostKey(stop, pinned);
      context.report?.(1, `${placeOf(stop)}: new host key ${nameOf(pinned)} added to ${file}`);
    },
  };
}

function nameOf({ type, blob }: PublicKey): string {
  return `${type} ${fingerprint(blob)}`;
}

function refuse(stop: Stop, verdict: Exclude<Verdict, { is: "known" }>, key: PublicKey) {
  return hostKeyRefused(stop, {
    reason: verdict.is,
    shown: nameOf(key),
    ...(verdict.is !== "unknown" && { where: verdict.where }),
    ...(verdict.is === "changed" && { known: nameOf(verdict.known) }),
  });
}
