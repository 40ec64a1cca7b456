import { spawn } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import ssh2, { type Connection, type ServerChannel } from "ssh2";

/** An SSH server on loopback whose "host" is a scratch directory: any account can run it. */
export interface EmbeddedHost {
  readonly port: number;
  /** The directory that stands for the host: HOME of every command. */
  readonly directory: string;
  /** Logs in with this key. */
  readonly identityFile: string;
  /** Knows the server's host key. */
  readonly knownHostsFile: string;
  /** How many connections it has accepted. */
  connections(): number;
  close(): Promise<void>;
}

/** An embedded host is up, on a free port of the loopback address. */
export async function embeddedHost(): Promise<EmbeddedHost> {
  const directory = await mkdtemp(path.join(os.tmpdir(), "consfig-demo-"));
  const keys = await mkdtemp(path.join(os.tmpdir(), "consfig-demo-keys-"));
  const hostKey = ssh2.utils.generateKeyPairSync("ed25519");
  const userKey = ssh2.utils.generateKeyPairSync("ed25519");
  const clients = new Set<Connection>();
  let accepted = 0;
  const server = new ssh2.Server({ hostKeys: [hostKey.private] }, (client) => {
    accepted++;
    clients.add(client);
    client.on("close", () => clients.delete(client));
    client.on("error", () => {}); // a client that goes away is its own affair
    client.on("authentication", (attempt) => {
      const key = ssh2.utils.parseKey(userKey.public);
      if (key instanceof Error || attempt.method !== "publickey")
        return attempt.reject(["publickey"]);
      if (!attempt.key.data.equals(key.getPublicSSH())) return attempt.reject();
      const { signature, blob } = attempt;
      const signed = signature === undefined || key.verify(blob ?? "", signature, attempt.hashAlgo);
      return signed === true ? attempt.accept() : attempt.reject();
    });
    client.on("session", (accept) =>
      accept().on("exec", (acceptExec, _reject, { command }) =>
        run(acceptExec(), command, directory),
      ),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const identityFile = path.join(keys, "id_ed25519");
  const knownHostsFile = path.join(keys, "known_hosts");
  await writeFile(identityFile, userKey.private);
  await chmod(identityFile, 0o600);
  await writeFile(knownHostsFile, `[127.0.0.1]:${port} ${hostKey.public}\n`);
  return {
    port,
    directory,
    identityFile,
    knownHostsFile,
    connections: () => accepted,
    async close() {
      for (const client of clients) client.end();
      await new Promise((resolve) => server.close(resolve));
      await rm(directory, { recursive: true });
      await rm(keys, { recursive: true });
    },
  };
}

function run(channel: ServerChannel, command: string, directory: string): void {
  const { PATH, LANG } = process.env;
  const child = spawn("sh", ["-c", command], {
    cwd: directory,
    env: { PATH, LANG, HOME: directory },
  });
  channel.pipe(child.stdin);
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
  child.stdin.on("error", () => {}); // told by the exit code
  channel.on("close", () => child.stdin.destroy());
  child.on("close", (code, signal) => {
    if (signal) channel.exit(signal.replace(/^SIG/, ""));
    else channel.exit(code ?? 1);
    channel.end();
  });
}
