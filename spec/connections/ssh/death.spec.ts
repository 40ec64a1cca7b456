import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { processes } from "../../helpers/processes.js";
import { Lab, missingServer, type Sshd } from "./helpers/lab.js";
import { leakCheck } from "./helpers/leaks.js";

const module = new URL("../../../connections/ssh/openSsh.js", import.meta.url).href;

/** How the names of our connections' folders begin, and nobody else's on this machine. */
const folders = join(tmpdir(), "consfig-ssh-");

/** Opens a connection with programs on it, says so, and stays. */
const program = `
  import { openSsh } from ${JSON.stringify(module)};
  const transport = await openSsh(JSON.parse(process.argv[1]));
  await transport.open(process.argv[2]);
  await transport.open(process.argv[2] + " </dev/null");
  console.log("ready");
  setInterval(() => {}, 1000);
`;

for (const transport of ["ssh2", "system"] as const) {
  describe(`when our process is killed, by ${transport}`, {
    skip: missingServer(),
    timeout: 60_000,
  }, () => {
    let lab: Lab;
    let server: Sshd;
    let key: string;

    before(async () => {
      lab = new Lab();
      key = lab.key();
      server = await lab.sshd([], [lab.publicKey(key)]);
    });
    after(() => lab.close());

    const mentioning = (text: string) =>
      processes().filter(({ command }) => command.includes(text) && !command.includes("sshd"));

    for (const signal of ["SIGKILL", "SIGTERM", "SIGINT"] as const) {
      test(`nothing stays behind after ${signal}`, { timeout: 20_000 }, async () => {
        const checkLeaks = leakCheck();
        const options = lab.options(server, key, lab.knownHosts(lab.hostLine(server)), {
          transport,
        });
        const words = ["--input-type=module", "-e", program, JSON.stringify(options), lab.sleep];
        const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "inherit"] });
        for await (const line of createInterface(child.stdout)) {
          if (line === "ready") break;
        }
        const ours = mentioning(folders);
        assert.ok(transport === "ssh2" || ours.length >= 3, "the check sees the processes");
        child.kill(signal);
        await new Promise((resolve) => child.once("close", resolve));
        for (let tries = 0; tries < 60 && mentioning(folders).length > 0; tries++) {
          await sleep(50);
        }
        assert.deepEqual(mentioning(folders), []);
        for (let tries = 0; tries < 60 && /@notty/.test(served()); tries++) await sleep(50);
        assert.doesNotMatch(served(), /@notty/);
        await checkLeaks();
      });
    }

    const served = () =>
      processes()
        .filter(({ pid }) => server.connections().includes(pid))
        .map(({ command }) => command)
        .join("\n");

    test("nothing stays behind when it is killed while connecting", {
      timeout: 20_000,
    }, async () => {
      const checkLeaks = leakCheck();
      const mute = createServer((socket) => socket.resume());
      await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
      const address = mute.address();
      const port = typeof address === "object" && address ? address.port : 0;
      const options = lab.options({ port }, key, lab.knownHosts(), {
        transport,
        connectTimeoutMs: 3000,
      });
      const words = ["--input-type=module", "-e", program, JSON.stringify(options), lab.sleep];
      const child = spawn(process.execPath, words, { stdio: "ignore" });
      await sleep(1000);
      child.kill("SIGKILL");
      await new Promise((resolve) => child.once("close", resolve));
      // ssh itself ends with the limit it was given.
      for (let tries = 0; tries < 100 && mentioning(folders).length > 0; tries++) {
        await sleep(50);
      }
      assert.deepEqual(mentioning(folders), []);
      mute.close();
      await checkLeaks();
    });
  });
}
