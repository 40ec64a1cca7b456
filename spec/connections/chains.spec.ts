/** Chains of hops on real hosts: who one is at the end, and what happens when a hop goes wrong. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import "../../connections/as/index.js";
import { local } from "../../connections/local/index.js";
import { setuid } from "../../connections/setuid/index.js";
import { ssh } from "../../connections/ssh/index.js";
import { su } from "../../connections/su/index.js";
import { sudo } from "../../connections/sudo/index.js";
import {
  AuthenticationFailed,
  asUser,
  Cancelled,
  type Chain,
  ConnectionLost,
  concurrently,
  type DeploymentEvent,
  deploys,
  deployThese,
  FileFailed,
  HopFailed,
  HostUnreachable,
  host,
  isError,
  keepGoing,
  over,
  type Propspec,
  posixProperty,
  registerDataSource,
  resetDataSources,
} from "../../engine/index.js";
import { type Testbed, testbed, testbedUnavailable } from "../testbed/index.js";

const said: string[] = [];

/** Runs shell text and remembers what it printed. */
const ran = posixProperty<[text: string]>("chains.ran", {
  args: z.tuple([z.string()]),
  apply: async (on, text) => {
    said.push((await on.run(["sh", "-c", text])).stdout.trim());
    return "changed";
  },
});

const written = posixProperty<[path: string, bytes: number]>("chains.written", {
  args: z.tuple([z.string(), z.int()]),
  apply: async (on, file, bytes) => {
    await on.writeFile(file, "x".repeat(bytes));
    return "changed";
  },
});

const who = "echo $(id -un) $HOME $(pwd) $(cat)";

describe("chains", { skip: testbedUnavailable() ?? false }, () => {
  let bed: Testbed;
  let passwords: Record<string, string>;
  const to = (user: string) => ssh({ host: bed.host(0).name, user, configFile: bed.sshConfigFile });

  before(async () => {
    bed = await testbed({ hosts: 2 });
    passwords = { alice: bed.alicePassword, admin: bed.alicePassword };
    registerDataSource({
      description: "the spec",
      version: async (iden1, iden2) =>
        iden1.startsWith("--user-passwd--") && iden2 in passwords ? "1" : undefined,
      read: async (_iden1, iden2) => Buffer.from(passwords[iden2] ?? ""),
    });
  });
  after(async () => {
    resetDataSources();
    await bed?.down();
  });

  async function deployed(
    chain: Chain,
    props: readonly Propspec<"posix">[],
    options: { signal?: AbortSignal; listener?: (event: DeploymentEvent) => void } = {},
  ) {
    said.length = 0;
    return deployThese(chain, host(bed.host(0).name), props, options);
  }

  const ends: [name: string, chain: () => Chain, who: string][] = [
    ["ssh as uid 0", () => [to("root")], "root /root /root"],
    ["ssh → sudo", () => [to("admin"), sudo()], "root /root /root"],
    [
      "ssh → sudo to a user",
      () => [to("admin"), sudo({ user: "alice" })],
      "alice /home/alice /home/alice",
    ],
    [
      "ssh → sudo with a password",
      () => [to("alice"), sudo({ passwordOf: "alice" })],
      "root /root /root",
    ],
    ["a noisy login shell", () => [to("noisy"), sudo()], "root /root /root"],
    ["ssh → su", () => [to("root"), su("alice")], "alice /home/alice /home/alice"],
    ["ssh → sudo → su", () => [to("admin"), sudo(), su("alice")], "alice /home/alice /home/alice"],
    [
      "ssh → su to an account without a shell",
      () => [to("root"), su("nobody")],
      "nobody /nonexistent /",
    ],
    [
      "ssh → setuid to an account without a shell",
      () => [to("root"), setuid("nobody")],
      "nobody /nonexistent /",
    ],
    [
      "sudo with a password → su → sudo with a password",
      () => [
        to("alice"),
        sudo({ passwordOf: "alice" }),
        su("alice"),
        sudo({ passwordOf: "alice" }),
      ],
      "root /root /root",
    ],
  ];
  for (const [name, chain, expected] of ends) {
    test(name, async () => {
      const report = await deployed(chain(), [ran(who)]);
      assert.equal(report.error, undefined);
      assert.deepEqual(said, [expected]);
    });
  }

  test("setuid leaves nothing of the environment before", async () => {
    const names =
      "env | cut -d= -f1 | grep -vxE '_|PWD|OLDPWD|SHLVL|MAIL|TERM|CONSFIG_COMMAND' | sort | tr '\\n' ' '";
    const report = await deployed([to("root"), setuid("alice")], [ran(`${names}; echo $PATH`)]);
    assert.equal(report.error, undefined);
    const path = "/usr/local/bin:/usr/bin:/bin";
    assert.deepEqual(said, [`HOME LOGNAME PATH SHELL USER ${path}`]);
  });

  test("the system's ssh leads to the same place", async () => {
    const system = ssh({
      host: bed.host(0).name,
      user: "admin",
      configFile: bed.sshConfigFile,
      transport: "system",
    });
    const report = await deployed([system, sudo()], [ran(who)]);
    assert.equal(report.error, undefined);
    assert.deepEqual(said, ["root /root /root"]);
  });

  test("a password that sudo does not ask for is not given to anybody", async () => {
    const report = await deployed([to("admin"), sudo({ passwordOf: "admin" })], [ran(who)]);
    assert.equal(report.error, undefined);
    // The command printed its stdin: it is empty.
    assert.deepEqual(said, ["root /root /root"]);
  });

  test("a wrong password is told as such", async () => {
    passwords.alice = "not it";
    const report = await deployed([to("alice"), sudo({ passwordOf: "alice" })], [ran(who)]);
    passwords.alice = bed.alicePassword;
    assert.ok(isError(report.error, AuthenticationFailed));
    assert.doesNotMatch(JSON.stringify(report) + report.error.message, /not it/);
  });

  test("sudo that wants a password nobody has: a hint", async () => {
    const report = await deployed([to("alice"), sudo()], [ran(who)]);
    assert.ok(isError(report.error, HopFailed));
    assert.match(report.error.hint ?? "", /passwordOf/);
    assert.match(String(report.error.facts.output), /password is required/);
    assert.equal(report.counts.notReached, 1);
  });

  test("su from another account than uid 0 is refused at once", async () => {
    const report = await deployed([to("admin"), su("alice")], [ran(who)]);
    assert.ok(isError(report.error, HopFailed));
    assert.match(String(report.error.facts.output), /su needs uid 0/);
  });

  test("asUser, over, concurrently and deploys, from one deployment", async () => {
    const inner = host("inner", over([sudo()], ran("id -un")));
    const report = await deployed(
      [to("root")],
      [
        ran("id -un"),
        asUser("alice", ran("id -un"), ran("pwd")),
        over([su("admin"), sudo({ user: "alice" })], ran("id -un")),
        deploys([su("admin")], inner),
        concurrently(ran("id -u; sleep 0.2"), ran("id -u; sleep 0.1"), ran("id -u")),
      ],
    );
    assert.equal(report.error, undefined);
    assert.deepEqual(said, ["root", "alice", "/home/alice", "alice", "root", "0", "0", "0"]);
  });

  test("an account that does not exist fails alone", async () => {
    const report = await deployed(
      [to("root")],
      [keepGoing(asUser("nobodyatall", ran("id -un")), ran("echo after"))],
    );
    assert.deepEqual(said, ["after"]);
    assert.ok(isError(report.failures[0]?.error, HopFailed));
  });

  test("from this machine, by ssh on the host before", async () => {
    const next = bed.host(1);
    const first = bed.host(0);
    await first.shell(`mkdir -p -m 700 /root/.ssh && cat > /root/.ssh/known_hosts`, {
      input: `${next.hostKeyLine}\n`,
    });
    const { readFile } = await import("node:fs/promises");
    await first.shell("umask 077 && cat > /root/.ssh/id_bed", {
      input: await readFile(bed.keyFile, "utf8"),
    });
    const second = ssh({ host: next.address, user: "admin", identityFile: "/root/.ssh/id_bed" });
    const report = await deployed([to("root"), second, sudo()], [ran("uname -n; id -un")]);
    assert.equal(report.error, undefined);
    assert.deepEqual(said, [`${next.name}\nroot`]);
    const [, ...wrongKey] = first.hostKeyLine.split(" ");
    await first.shell("cat >/root/wrong", {
      input: `${next.address} ${wrongKey.join(" ")}\n`,
    });
    const refused = ssh({
      host: next.address,
      user: "admin",
      identityFile: "/root/.ssh/id_bed",
      knownHostsFiles: ["/root/wrong"],
    });
    const { error } = await deployed([to("root"), refused], [ran("id -un")]);
    assert.ok(isError(error, HopFailed), String(error));
    assert.match(String(error.facts.output), /host key verification failed/i);
    assert.deepEqual(said, []);
  });

  test("a host that is off: unreachable, nothing reached", async () => {
    await bed.powerOff([bed.host(1)]);
    const nowhere = ssh({
      host: "127.0.0.1",
      port: 1,
      connectTimeoutMs: 3000,
      configFile: bed.sshConfigFile,
    });
    const report = await deployed([nowhere], [ran(who), ran(who)]);
    await bed.reset([bed.host(1)]);
    assert.ok(isError(report.error, HostUnreachable), String(report.error));
    assert.deepEqual(report.counts, { changed: 0, unchanged: 0, failed: 0, notReached: 2 });
  });

  const started = async (pattern: string, present: boolean) => {
    for (let i = 0; i < 100; i++) {
      const { code } = await bed.host(0).shell(`pgrep -f "${pattern}" >/dev/null`);
      if ((code === 0) === present) return true;
      await sleep(50);
    }
    return false;
  };

  const twoChains: [name: string, chain: () => Chain][] = [
    ["ssh", () => [to("root")]],
    ["ssh → sudo", () => [to("admin"), sudo()]],
  ];
  for (const [name, chain] of twoChains) {
    test(`contact lost in the middle: told, and nothing is left running (${name})`, async () => {
      const running = deployed(chain(), [
        keepGoing(ran("echo one"), ran("sleep 300; :"), ran("echo two")),
      ]);
      assert.ok(await started("[s]leep 300", true));
      await bed.host(0).killConnections();
      const report = await running;
      assert.ok(isError(report.error, ConnectionLost), String(report.error));
      assert.deepEqual(said, ["one"]);
      assert.equal(report.counts.notReached, 1);
      assert.ok(await started("[s]leep 300", false), "the command is still running");
    });

    test(`cancelling stops the command on the host (${name})`, async () => {
      const controller = new AbortController();
      const running = deployed(
        chain(),
        [ran("trap '' TERM; sleep 301 & wait; wait; wait"), ran("echo two")],
        {
          signal: controller.signal,
        },
      );
      assert.ok(await started("[s]leep 301", true));
      controller.abort();
      const report = await running;
      assert.ok(isError(report.error, Cancelled));
      assert.ok(await started("[s]leep 301", false), "the command is still running");
      assert.deepEqual([report.counts.interrupted, report.counts.notReached], [1, 1]);
    });
  }

  for (const bytes of [10_000, 400_000]) {
    test(`a full disk: the old file is whole, nothing is left (${bytes} bytes)`, async () => {
      await bed.host(0).shell("mkdir -p /full && mount -t tmpfs -o size=64k tmpfs /full");
      await bed.host(0).shell("printf old >/full/file; head -c 1000000 /dev/zero >/full/ballast");
      const report = await deployed(
        [to("admin"), sudo()],
        [keepGoing(written("/full/file", bytes), ran(who))],
      );
      const { stdout } = await bed.host(0).shell("cat /full/file; ls -A /full; umount /full");
      assert.ok(isError(report.failures[0]?.error, FileFailed));
      assert.match(report.failures[0].error.message, /No space left on device/);
      assert.equal(stdout, "oldballast\nfile\n");
      assert.deepEqual(said, ["root /root /root"]);
    });
  }

  test("nothing of any session is left on the host", async () => {
    await sleep(200);
    const { stdout } = await bed
      .host(0)
      .shell(
        'pgrep -fa "[c]onsfig-hello"; ls -A /tmp /root | grep consfig; ps -eo user,args | grep "[s]udo "',
      );
    assert.equal(stdout, "");
  });

  test("local is this machine", async () => {
    const report = await deployed([local()], [ran("echo $HOME")]);
    assert.equal(report.error, undefined);
  });
});
