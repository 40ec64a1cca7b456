import { createPrivateKey } from "node:crypto";
import { readFile } from "node:fs/promises";
import type {
  AnyAuthMethod,
  BaseAgent,
  ParsedKey,
  SignCallback,
  SigningRequestOptions,
} from "ssh2";
import { printable } from "../../engine/index.js";
import type { AgentKey } from "./agent.js";
import { FileMemo } from "./fileMemo.js";
import { fingerprint, isCertificate, isTokenKey } from "./keys.js";
import type { Stop } from "./route.js";

/** The module `ssh2`, loaded only when it is used: loading it may start threads. */
export type Ssh2 = typeof import("ssh2");

/** A way to log in, and what it is called in messages. */
export interface Attempt {
  readonly what: string;
  readonly method: AnyAuthMethod;
}

/**
 * The keys to offer, in OpenSSH's order: those of the agent that an identity file names, the
 * agent's others, then the identity files whose key no agent holds.
 */
export async function attempts(ssh2: Ssh2, stop: Stop): Promise<Attempt[]> {
  const { config, identities, agent } = stop;
  const username = config.user;
  const rank = ({ blob }: AgentKey) => {
    const index = identities.findIndex(({ key }) => key?.blob.equals(blob));
    return index < 0 ? identities.length : index;
  };
  const held = agent.keys
    .filter(({ type }) => !isTokenKey(type) && !isCertificate(type))
    .sort((one, other) => rank(one) - rank(other));
  const list: Attempt[] = [];
  for (const key of held) {
    const method = { type: "agent", username, agent: agentOfOne(ssh2, config.agentSocket, key) };
    const what = `${fingerprint(key.blob)} (agent: ${printable(key.comment)})`;
    if (method.agent) list.push({ what, method: method as AnyAuthMethod });
  }
  for (const { path, state, key } of identities) {
    if (state !== "usable" || held.some(({ blob }) => key?.blob.equals(blob))) continue;
    const parsed = await parsedKeys.of([path], () => readKey(ssh2, path));
    if (!parsed) continue;
    const what = `${fingerprint(parsed.getPublicSSH())} (${path})`;
    list.push({ what, method: { type: "publickey", username, key: parsed } });
  }
  return list;
}

const parsedKeys = new FileMemo<Promise<ParsedKey | undefined>>();

/** `undefined`: a key of a kind that ssh2 does not know. */
async function readKey(ssh2: Ssh2, path: string): Promise<ParsedKey | undefined> {
  try {
    const parsed = ssh2.utils.parseKey(classicForm(await readFile(path, "latin1")));
    return parsed instanceof Error ? undefined : parsed;
  } catch {
    return undefined;
  }
}

/** ssh2 reads the older PEM forms but not PKCS#8, which OpenSSH takes as well. */
function classicForm(text: string): string {
  if (!text.includes("-----BEGIN PRIVATE KEY-----")) return text;
  const key = createPrivateKey(text);
  if (key.asymmetricKeyType === "rsa") return String(key.export({ type: "pkcs1", format: "pem" }));
  if (key.asymmetricKeyType === "ec") return String(key.export({ type: "sec1", format: "pem" }));
  return text;
}

/** An agent that shows only one key, so that the order of keys is ours and each refusal is seen. */
function agentOfOne(
  ssh2: Ssh2,
  socket: string | undefined,
  { blob }: AgentKey,
): BaseAgent | undefined {
  const key = ssh2.utils.parseKey(blob);
  if (socket === undefined || key instanceof Error) return undefined;
  const agent = ssh2.createAgent(socket);
  class AgentOfOne extends ssh2.BaseAgent {
    override getIdentities(done: (error: undefined, keys: ParsedKey[]) => void): void {
      done(undefined, [key as ParsedKey]);
    }

    override sign(
      publicKey: Parameters<BaseAgent["sign"]>[0],
      data: Buffer,
      options: SigningRequestOptions | SignCallback,
      done?: SignCallback,
    ): void {
      agent.sign(publicKey, data, options as SigningRequestOptions, done);
    }
  }
  return new AgentOfOne() as unknown as BaseAgent;
}
