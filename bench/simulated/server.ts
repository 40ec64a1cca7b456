/**
 * Simulated hosts: SSH servers in one process, which listen on one port of many loopback addresses.
 * What is real: the handshake, the login, the channel, on a connection each. What is not: in the mode
 * `answer` no shell runs for a session; see answerer.ts. In the mode `shell` one does.
 *
 * Arguments: host key, mode, model host. Ends with its stdin.
 */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import ssh2, { type Connection, type ServerChannel } from "ssh2";
import { Answerer } from "./answerer.js";
import { nameOfAddress } from "./names.js";

const [keyFile = "", mode = "", model = ""] = process.argv.slice(2);
const answerer = new Answerer(model);

const hostKeys = [readFileSync(keyFile)];

const listener = createServer({ noDelay: true }, (socket) => {
  const name = nameOfAddress(socket.localAddress ?? "");
  // A server each: one for all would not tell to which address a connection was made.
  new ssh2.Server({ hostKeys }, (client) => serve(client, name)).injectSocket(socket);
});

listener.listen({ port: 0, host: "0.0.0.0", backlog: 4096 }, () => {
  console.log((listener.address() as AddressInfo).port); // of a listener on TCP
});
process.stdin.on("end", () => process.exit()).resume();

function serve(client: Connection, name: string): void {
  client.on("error", () => {});
  client.on("authentication", (login) => {
    if (login.method === "publickey") login.accept();
    else login.reject(["publickey"]);
  });
  client.on("session", (accept) => {
    accept().on("exec", (acceptExec, _reject, { command }) => {
      const channel = acceptExec();
      if (mode === "shell") runShell(channel, command);
      else answerer.serve(channel, name);
    });
  });
}

function runShell(channel: ServerChannel, command: string): void {
  const child = spawn("sh", ["-c", command], { detached: true });
  channel.pipe(child.stdin);
  child.stdin.on("error", () => {});
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
  child.on("close", (code) => {
    channel.exit(code ?? 1);
    channel.end();
  });
}
