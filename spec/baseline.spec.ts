/**
 * What a person would do: a web server's baseline, written against the README, deployed by the
 * command to a real host, over `ssh` as uid 0 and over `ssh` + `sudo`; again; and undone.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { type Testbed, testbed, testbedUnavailable } from "./testbed/index.js";

const consfig = `
import { type Chain, host, inOrder, onChange, script, sh, unapplied, withUnapply } from "consfigurator";
import "consfigurator/connections/as";
import { ssh } from "consfigurator/connections/ssh";
import { sudo } from "consfigurator/connections/sudo";
import * as apt from "consfigurator/properties/apt";
import * as cmd from "consfigurator/properties/cmd";
import * as cron from "consfigurator/properties/cron";
import * as file from "consfigurator/properties/file";
import * as os from "consfigurator/properties/os";
import * as keys from "consfigurator/properties/ssh";
import * as user from "consfigurator/properties/user";

const { BED_CONFIG: configFile = "", BED_HOST: name = "" } = process.env;
const debian = os.debianStable("bookworm", "amd64");
const key = (n: number) => "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4" + "fgh"[n];

const undoable = inOrder(
  apt.installed("hello-consfig"),
  apt.serviceInstalledRunning("webby"),
  ...["carol", "dave"].flatMap((person, n) => [
    user.hasAccount(person, { shell: "/bin/bash", removeHome: true }),
    keys.authorizedKeys({ user: person }, key(n)),
  ]),
  file.directoryExists("/opt/www", { mode: 0o755 }),
  file.directoryExists("/opt/www/static", { mode: 0o2775 }),
  ...Array.from({ length: 10 }, (_, i) =>
    file.existsWithContent(\`/opt/www/page\${i}.html\`, [\`page \${i} of it's "site"\`], { mode: 0o640 }),
  ),
  file.symlinked("/opt/www/index.html", "page0.html"),
  file.symlinked("/opt/www/static/latest", "/opt/www/page9.html"),
  onChange(
    file.existsWithContent("/etc/webby.d.conf", "workers = 2"),
    cmd.single(sh\`service webby restart\`),
  ),
  file.containsLines("/etc/environment", "EDITOR=vi", "LESS=-R"),
  file.containsIniSettings("/etc/systemd/journald.conf", ["Upload", "URL", "none"]),
  withUnapply(
    [cmd.single(script\`date > /opt/built\`, { creates: "/opt/built" })],
    [file.doesNotExist("/opt/built")],
  ),
  cron.userCrontabContains("nightly", "0 3 * * *", "true"),
);
const forGood = [
  file.containsConfSpace("/etc/ssh/sshd_config", { X11Forwarding: "no", MaxAuthTries: "4" }),
  file.hasContent("/etc/motd", "This machine is as its consfig says."),
  cmd.single(script\`echo once >> /var/once\`, { unless: sh\`test -s /var/once\` }),
];
const properties = process.env.UNDO ? [unapplied(undoable)] : [undoable, ...forGood];

const root: Chain = [ssh({ user: "root", configFile })];
const bySudo: Chain = [ssh({ user: "admin", configFile }), sudo()];
export const machine = host(
  name,
  { deploy: process.env.BY_SUDO ? (bySudo as [ReturnType<typeof sudo>]) : (root as [ReturnType<typeof ssh>]) },
  debian,
  ...properties,
);
`;

const main = fileURLToPath(new URL("../joined/cli/main.js", import.meta.url));
/** Everything that the properties are about, and nothing that packages leave by themselves. */
const lookAt = `
for d in /opt /home /root; do find $d -printf '%p %y %m %u:%g %l\\n'; done | grep -v sudo_as_admin | sort
find /opt/www /opt/built -type f -exec cat {} +
cat /etc/passwd /etc/group /etc/environment /etc/systemd/journald.conf /etc/webby.d.conf 2>&1
dpkg-query -W -f '\${Package} \${Status}\\n' hello-consfig webby 2>&1 | grep ' installed'
crontab -l 2>&1; ls /var/spool/cron/crontabs
`;

describe("a web server's baseline", { skip: testbedUnavailable() ?? false }, () => {
  let bed: Testbed;
  const directory = mkdtempSync(path.join(os.tmpdir(), "consfig-baseline-"));
  before(async () => {
    bed = await testbed({ hosts: 2 });
    writeFileSync(path.join(directory, "consfig.ts"), consfig);
  });
  after(async () => {
    rmSync(directory, { recursive: true });
    await bed?.down();
  });

  /** `consfig …` in the consfig's directory, and the events it printed. */
  async function run(index: number, variables: Record<string, string>, ...words: string[]) {
    const child = spawn(process.execPath, [main, ...words], {
      cwd: directory,
      env: {
        ...process.env,
        BED_HOST: bed.host(index).name,
        BED_CONFIG: bed.sshConfigFile,
        ...variables,
      },
    });
    let printed = "";
    let stderr = "";
    child.stdout.on("data", (bytes) => {
      printed += bytes;
    });
    child.stderr.on("data", (bytes) => {
      stderr += bytes;
    });
    const code = await new Promise((resolve) => child.once("close", resolve));
    return { code, printed, stderr };
  }

  async function counts(index: number, variables: Record<string, string>) {
    const { code, printed, stderr } = await run(index, variables, "deploy", "--json");
    assert.equal(code, 0, printed.slice(-3000) + stderr);
    const events = printed.split("\n").flatMap((line) => (line ? [JSON.parse(line)] : []));
    return events.find((event) => event.type === "finished").report.counts;
  }

  test("the consfig is accepted by the compiler", async () => {
    const { code, printed, stderr } = await run(0, {}, "check");
    assert.equal(code, 0, printed + stderr);
  });

  const chains: [name: string, index: number, variables: Record<string, string>][] = [
    ["ssh as uid 0", 0, {}],
    ["ssh + sudo", 1, { BY_SUDO: "1" }],
  ];
  for (const [name, index, variables] of chains) {
    test(`over ${name}: made so, then nothing changes, then undone`, async () => {
      const host = bed.host(index);
      const asItWas = await host.shell(lookAt);
      const first = await counts(index, variables);
      assert.ok(first.changed > 20 && first.failed === 0, JSON.stringify(first));
      const made = await host.shell(lookAt);
      assert.match(made.stdout, /page 9 of it's "site"/);
      assert.match(made.stdout, /carol:x:/);
      assert.match(made.stdout, /webby install ok installed/);
      const answer = await host.shell(
        "busybox wget -qO- http://127.0.0.1:8088/ >/dev/null; echo $?",
      );
      assert.match(answer.stdout, /^[01]\n$/);
      const second = await counts(index, variables);
      assert.equal(second.changed, 0);
      assert.deepEqual((await host.shell(lookAt)).stdout, made.stdout);
      await counts(index, { ...variables, UNDO: "1" });
      assert.deepEqual((await host.shell(lookAt)).stdout, asItWas.stdout);
      assert.equal((await counts(index, { ...variables, UNDO: "1" })).changed, 0);
    });
  }

  test("over both chains the end is the same", async () => {
    const made: string[] = [];
    for (const [, index, variables] of chains) {
      await bed.reset([bed.host(index)]);
      await counts(index, variables);
      const { stdout } = await bed.host(index).shell(lookAt);
      made.push(stdout.replaceAll(/^.*\d\d:\d\d:\d\d.*$/gm, "(a date)"));
    }
    assert.equal(made[0], made[1]);
  });
});
