import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { addressOf, nameOf } from "./names.js";

const program = fileURLToPath(new URL("./server.js", import.meta.url));

/** Hosts that are there until they are ended. */
export interface Simulation {
  /** A consfig with all of them. */
  readonly consfig: string;
  end(): Promise<void>;
}

/**
 * So many simulated hosts, which keep their files in the directory. `shell`: each session is a real
 * one; `answer`: it is answered as the first host's shell would, on which a first run has been.
 */
export async function simulate(
  directory: string,
  count: number,
  mode: "shell" | "answer",
): Promise<Simulation> {
  mkdirSync(path.join(directory, "hosts"), { recursive: true });
  const at = (name: string) => path.join(directory, name);
  const keygen = ["-q", "-t", "ed25519", "-N", "", "-f", at("key")];
  execFileSync("ssh-keygen", keygen, { input: "y\n", stdio: ["pipe", "ignore", "inherit"] });
  const server = spawn(process.execPath, [program, at("key"), mode, nameOf(0)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [printed] = await once(server.stdout, "data"); // a line, and all at once
  const port = Number(String(printed));
  const numbers = Array.from({ length: count }, (_, number) => number);
  const [type, key] = readFileSync(at("key.pub"), "utf8").split(" ");
  writeFileSync(
    at("known_hosts"),
    numbers.map((number) => `[${addressOf(number)}]:${port} ${type} ${key}\n`).join(""),
  );
  const config = [
    `Port ${port}`,
    `IdentityFile ${at("key")}`,
    "IdentitiesOnly yes",
    "IdentityAgent none",
    `UserKnownHostsFile ${at("known_hosts")}`,
    "GlobalKnownHostsFile none",
  ];
  writeFileSync(at("ssh_config"), `Host *\n${config.join("\n")}\n`);
  const hosts = numbers.map((number) => [nameOf(number), addressOf(number)]);
  writeFileSync(at("consfig.ts"), consfigText(hosts, at("ssh_config"), at("hosts")));
  return {
    consfig: at("consfig.ts"),
    async end() {
      server.stdin.end();
      await once(server, "close");
    },
  };
}

function consfigText(
  hosts: readonly (readonly string[])[],
  configFile: string,
  directory: string,
): string {
  return `
import { host } from "consfigurator";
import { ssh } from "consfigurator/connections/ssh";
import * as file from "consfigurator/properties/file";
const hosts: readonly [string, string][] = ${JSON.stringify(hosts)};
const configFile = ${JSON.stringify(configFile)};
export const machines = hosts.map(([name, address]) => {
  const at = (rest: string) => ${JSON.stringify(directory)} + "/" + name + rest;
  return host(name, { deploy: [ssh({ host: address, configFile })] },
    file.directoryExists(at("")),
    ...["a", "b", "c", "d"].map((one) => file.hasContent(at("/" + one), ["content of " + one], { mode: 0o640 })),
    ...["e", "f", "g"].map((one) => file.containsLines(at("/" + one), "one", "two")),
    ...["h", "i"].map((one) => file.directoryExists(at("/" + one), { mode: 0o750 })),
  );
});
`;
}
