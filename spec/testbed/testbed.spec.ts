import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { alicePassword, type Host, type Testbed, testbed, testbedUnavailable } from "./index.js";
import { leftovers, leftoversInTheEnd, namespacesBelow } from "./inventory.js";
import { run, type ShellResult } from "./run.js";

const skip = testbedUnavailable() ?? false;

function ssh(bed: Testbed, user: string, host: Host, command: string): Promise<ShellResult> {
  return run("ssh", ["-F", bed.sshConfigFile, "-l", user, host.name, command]);
}

async function connectMs(host: Host): Promise<number> {
  const start = performance.now();
  const socket = connect(host.port, host.address);
  await once(socket, "connect");
  const elapsed = performance.now() - start;
  socket.destroy();
  return elapsed;
}

/** The least of several, because a busy machine adds to the time of this process, too. */
async function leastConnectMs(host: Host): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 9; i++) times.push(await connectMs(host));
  return Math.min(...times);
}

async function ok(host: Host, command: string): Promise<string> {
  const { stdout, stderr, code } = await host.shell(command);
  assert.equal(code, 0, `${command}: ${stderr}`);
  return stdout;
}

async function untilAsleep(host: Host): Promise<void> {
  while ((await host.shell("pgrep -x sleep -u admin")).code !== 0);
}

describe("test bed of two plain hosts", { skip }, () => {
  let bed: Testbed;
  before(async () => {
    bed = await testbed({ hosts: 2 });
  });
  after(() => bed.down());

  test("each user logs in on each host", async () => {
    for (const host of bed.hosts)
      for (const user of ["root", "admin", "alice"]) {
        const { stdout, stderr, code } = await ssh(bed, user, host, "hostname; id -un");
        assert.deepEqual([stdout, code], [`${host.name}\n${user}\n`, 0]);
        assert.match(stderr, /belongs to a test bed/);
      }
  });

  test("admin may use sudo freely, alice with her password only", async () => {
    const host = bed.host(0);
    assert.equal((await ssh(bed, "admin", host, "sudo -n id -u")).stdout, "0\n");
    assert.notEqual((await ssh(bed, "alice", host, "sudo -n id -u")).code, 0);
    const withPassword = `echo ${alicePassword} | sudo -S -p '' id -u`;
    assert.equal((await ssh(bed, "alice", host, withPassword)).stdout, "0\n");
    assert.equal((await ssh(bed, "alice", host, 'echo "$0"')).stdout, "sh\n");
  });

  test("noisy's start-up file writes to both streams of a plain command", async () => {
    const { stdout, stderr } = await ssh(bed, "noisy", bed.host(0), "echo wanted");
    assert.equal(stdout, "noise of .bashrc on stdout\nwanted\n");
    assert.match(stderr, /noise of \.bashrc on stderr/);
    const login = await ssh(bed, "noisy", bed.host(0), "bash -lc 'echo wanted'");
    assert.match(login.stdout, /noise of \.profile on stdout\nwanted\n$/);
  });

  test("the round-trip time is what was asked for, and connections survive its change", async () => {
    const host = bed.host(1);
    const sleeper = ssh(bed, "root", host, "for i in 1 2 3 4 5 6 7 8; do sleep 0.2; echo $i; done");
    for (const rtt of [20, 50, 0]) {
      await bed.setRtt(rtt);
      const measured = await leastConnectMs(host);
      assert.ok(Math.abs(measured - rtt) < 1.5, `${rtt} ms asked for, ${measured} ms measured`);
    }
    assert.equal((await sleeper).stdout.trim().split("\n").length, 8);
  });

  test("apt installs from the hosts' own repository", async () => {
    const host = bed.host(0);
    await ok(host, "apt-get -qq update && apt-get -qq install -y hello-consfig=1.0");
    await ok(host, "apt-get -qq install -y greeter consfig-mail-agent webby askme");
    assert.equal(await ok(host, "cat /usr/share/hello-consfig/version"), "hello-consfig 2.0\n");
    assert.equal(await ok(host, "cat /etc/askme.conf"), "colour=grey\n");
    await ok(host, "service webby status");
    await ok(
      host,
      "i=0; until busybox wget -qO- localhost:8088; do i=$((i+1)); sleep 0.1; test $i -lt 50; done",
    );
    assert.notEqual((await host.shell("apt-get -qq install -y broken-postinst")).code, 0);
  });

  test("a file system can be full, and files have ACLs", async () => {
    const host = bed.host(0);
    await ok(host, "mkdir -p /full && mount -t tmpfs -o size=1m tmpfs /full");
    const { code, stderr } = await host.shell("head -c 2000000 /dev/zero > /full/file");
    assert.notEqual(code, 0);
    assert.match(stderr, /No space left/);
    await ok(host, "touch /root/f && setfacl -m u:alice:r /root/f");
    assert.match(await ok(host, "getfacl -p /root/f"), /user:alice:r--/);
  });

  test("the machine's clock and kernel settings are out of reach", async () => {
    const host = bed.host(0);
    assert.notEqual((await host.shell("date -s @0")).code, 0);
    assert.notEqual((await host.shell("echo 1 > /proc/sys/kernel/panic")).code, 0);
    await ok(host, "echo 1 > /proc/sys/net/ipv4/ip_forward");
  });

  test("connections can be cut, and sshd frozen and restarted", async () => {
    const host = bed.host(0);
    const cut = ssh(bed, "admin", host, "echo up; sleep 30");
    await untilAsleep(host);
    await host.killConnections();
    assert.equal((await cut).code, 255);

    await host.freeze();
    const late = ssh(bed, "root", host, "echo late");
    const first = await Promise.race([late, new Promise((r) => setTimeout(r, 500, "silence"))]);
    assert.equal(first, "silence");
    await host.thaw();
    assert.equal((await late).stdout, "late\n");

    await ok(host, "service ssh restart");
    assert.equal((await ssh(bed, "root", host, "echo again")).stdout, "again\n");
  });

  test("a reset gives back the pristine root and the same host key", async () => {
    const [first, second] = [bed.host(0), bed.host(1)];
    await ok(first, "touch /etc/changed; rm /etc/fstab; userdel -f admin");
    await ok(second, "touch /etc/changed");
    await bed.reset([first]);
    await ok(second, "test -e /etc/changed");
    await ok(first, "test ! -e /etc/changed && test -e /etc/fstab");
    assert.ok(!existsSync(`${first.root}/etc/changed`));
    assert.equal((await ssh(bed, "admin", first, "sudo -n hostname")).stdout, "h01\n");
  });

  test("a host can be switched off and on", async () => {
    const host = bed.host(1);
    await bed.powerOff([host]);
    await assert.rejects(host.shell("true"), /h02 is off/);
    await bed.reset([host]);
    assert.equal(await ok(host, "hostname"), "h02\n");
  });
});

describe("test bed of a systemd host", { skip }, () => {
  test("systemd runs services, sessions and users' own services", async () => {
    const bed = await testbed({ hosts: 1, init: "systemd" });
    try {
      const host = bed.host(0);
      assert.equal(await ok(host, "systemctl is-system-running"), "running\n");
      await ok(host, "apt-get -qq install -y webby && systemctl is-active webby");
      await ok(host, "systemctl disable --now webby");
      await ok(host, "loginctl enable-linger alice");
      const user = await ssh(bed, "alice", host, "systemctl --user is-system-running --wait");
      assert.equal(user.stdout, "running\n");
      await bed.reset();
      assert.equal(await ok(host, "systemctl is-active ssh cron dbus"), "active\n".repeat(3));
    } finally {
      await bed.down();
    }
  });
});

describe("removal of a test bed", { skip }, () => {
  for (const init of ["plain", "systemd"] as const)
    test(`down leaves nothing of ${init} hosts`, async () => {
      const bed = await testbed({ hosts: 2, rttMs: 10, init });
      const traces = {
        namespaces: namespacesBelow(process.pid),
        directory: dirname(bed.sshConfigFile),
        network: bed.host(0).address.replace(/\.\d+$/, ""),
      };
      const sleeper = ssh(bed, "admin", bed.host(0), "sleep 60");
      await untilAsleep(bed.host(0));
      assert.ok(traces.namespaces.size > 10);
      assert.ok(leftovers(traces).length > 0);
      await bed.down();
      assert.deepEqual(leftovers(traces), []);
      assert.equal((await sleeper).code, 255);
      await bed.down();
      await assert.rejects(bed.setRtt(1), /is down/);
    });

  test("the owner's death by SIGKILL leaves nothing", async () => {
    const main = fileURLToPath(new URL("main.js", import.meta.url));
    const args = [main, "up", "2", "--rtt", "10", "--systemd"];
    const owner = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
    const lines = createInterface({ input: owner.stdout })[Symbol.asyncIterator]();
    const { value: line } = await lines.next();
    const config = /-F (\S+)/.exec(`${line}`)?.[1] ?? "";
    const traces = {
      namespaces: namespacesBelow(owner.pid ?? 0),
      directory: dirname(config),
      network: /HostName (\S+)\.\d+/.exec(readFileSync(config, "utf8"))?.[1] ?? "",
    };
    assert.ok(leftovers(traces).length > 0);
    owner.kill("SIGKILL");
    await once(owner, "exit");
    assert.deepEqual(await leftoversInTheEnd(traces), []);
  });
});
