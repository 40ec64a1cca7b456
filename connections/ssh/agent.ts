import { connect } from "node:net";
import { type PublicKey, publicKey, WireReader } from "./keys.js";

/** A key that an agent holds. */
export interface AgentKey extends PublicKey {
  readonly comment: string;
}

/** What an agent holds, or why it did not say. */
export interface AgentKeys {
  readonly keys: readonly AgentKey[];
  readonly problem: string | undefined;
}

const requestIdentities = 11;
const identitiesAnswer = 12;
/** The longest answer of an agent that is read, as in OpenSSH. */
const maxAnswer = 256 * 1024;

/** Asks the agent behind a socket which keys it holds. Waits at most `timeoutMs` (default 2 s). */
export function listAgentKeys(socketPath: string, timeoutMs = 2000): Promise<AgentKeys> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    const parts: Buffer[] = [];
    let received = 0;
    let settled = false;
    const settle = (answer: AgentKeys) => {
      settled = true;
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const fail = (problem: string) => {
      if (!settled) settle({ keys: [], problem: `the agent at ${socketPath} ${problem}` });
    };
    const timer = setTimeout(() => fail("does not answer"), timeoutMs);
    socket.on("error", (error: NodeJS.ErrnoException) =>
      fail(`cannot be reached (${error.code ?? error.message})`),
    );
    socket.on("close", () => fail("hung up"));
    socket.on("connect", () => socket.write(Buffer.from([0, 0, 0, 1, requestIdentities])));
    socket.on("data", (chunk: Buffer) => {
      parts.push(chunk);
      received += chunk.length;
      const data = Buffer.concat(parts);
      const length = data.length < 4 ? undefined : data.readUInt32BE();
      if ((length ?? 0) > maxAnswer) fail("says too much");
      else if (length !== undefined && received >= 4 + length) {
        const keys = parse(data.subarray(4, 4 + length));
        if (keys) settle({ keys, problem: undefined });
        else fail("cannot be understood");
      }
    });
  });
}

function parse(answer: Buffer): AgentKey[] | undefined {
  const reader = new WireReader(answer);
  if (reader.bytes(1)?.[0] !== identitiesAnswer) return undefined;
  const count = reader.uint32();
  if (count === undefined) return undefined;
  const keys: AgentKey[] = [];
  for (let index = 0; index < count; index++) {
    const blob = reader.string();
    const comment = reader.string();
    if (!blob || !comment) return undefined;
    const key = publicKey(Buffer.from(blob));
    if (key) keys.push({ ...key, comment: comment.toString("utf8") });
  }
  return keys;
}
