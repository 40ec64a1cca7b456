/** A run over many hosts is killed, interrupted, crowded: what was promised of it holds. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type Ended, Scratch } from "../cli/command.js";
import { Place } from "../connections/node/place.js";
import { until } from "../helpers/processes.js";
import { draws, isWhole } from "../helpers/seed.js";
import { testbedUnavailable } from "../testbed/index.js";

const random = draws();
const count = isWhole ? 20 : 9;
const rounds = isWhole ? 20 : 3;
const steps = 6;

const consfig = (configFile: string) => `
import { host, inOrder, onChange, posixProperty, script } from "consfigurator";
import { node } from "consfigurator/connections/node";
import { ssh } from "consfigurator/connections/ssh";
import { sudo } from "consfigurator/connections/sudo";
import * as cmd from "consfigurator/properties/cmd";
import { z } from "zod";

const args = z.tuple([z.string()]);
/** Can tell whether it has been done. */
const checked = posixProperty<[name: string]>("spec.checked", {
  args,
  check: async (on, name) => {
    const { exitCode } = await on.query(["grep", "-qx", name, "/root/done"], { mayFail: true });
    return exitCode === 0;
  },
  apply: async (on, name) => {
    await on.run(script\`sleep 0.04; echo \${name} >>/root/done\`);
    return "changed";
  },
});
/** Cannot. */
const unchecked = posixProperty<[name: string]>("spec.unchecked", {
  args,
  apply: async (on, name) => {
    await on.run(script\`sleep 0.04; echo \${name} >>/root/done\`);
    return "changed";
  },
});

const to = (user: string) => ssh({ user, configFile: ${JSON.stringify(configFile)} });
const chains = [[to("root")], [to("admin"), sudo()], [to("root"), node()]];
const numbers = Array.from({ length: ${steps} }, (_, number) => String(number));
const chainOf = (index: number) => chains[index % 3] ?? [];
const names = Array.from({ length: ${count} }, (_, index) => "h" + String(index + 1).padStart(2, "0"));
export const hosts = names.map((name, index) => host(name, { deploy: chainOf(index) },
  ...numbers.map((n) => inOrder(onChange(checked("c" + n), unchecked("f" + n)), unchecked("u" + n)))));
export const lasting = names.map((name, index) => host("long-" + name, { deploy: chainOf(index) },
  cmd.single(script\`sleep 1001 & (sleep 1002; true) & sh -c 'sleep 1003 | sleep 1004' & : >/run/begun; sleep 1005\`)));
`;

/** What every host has been given when all is done. */
const everything = Array.from({ length: steps }, (_, n) => [`c${n}`, `f${n}`, `u${n}`])
  .flat()
  .toSorted();

describe("a fleet", { skip: testbedUnavailable() ?? false }, () => {
  let place: Place;
  const ends: (() => void)[] = [];
  let scratch: Scratch;

  before(async () => {
    place = await Place.open(count);
    scratch = new Scratch({ after: (end) => ends.push(end) });
    for (let index = 2; index < count; index += 3) place.installNode(index);
    const { hosts, keyFile, knownHostsFile } = place.bed;
    const names = hosts.map(({ name, address }) => {
      return `Host ${name} long-${name}\n  HostName ${address}\n  HostKeyAlias ${name}\n`;
    });
    const every = `Host *\n  IdentityFile ${keyFile}\n  UserKnownHostsFile ${knownHostsFile}\n`;
    const configFile = scratch.write("ssh_config", `${names.join("")}${every}`);
    scratch.write("consfig.ts", consfig(configFile));
  });
  after(async () => {
    await place?.close();
    for (const end of ends) end();
  });

  /** The command on every host. */
  const everywhere = (command: string) =>
    Promise.all(place.bed.hosts.map((host) => host.shell(command)));

  /** What has been done on each host, in order. */
  async function done(): Promise<string[][]> {
    const all = await everywhere("cat /root/done 2>/dev/null");
    return all.map(({ stdout }) => stdout.split("\n").filter((line) => line !== ""));
  }

  async function failing(ended: Promise<Ended>): Promise<never> {
    throw new Error((await ended).stderr);
  }

  interface Recorded {
    readonly hosts: readonly {
      readonly host: string;
      readonly state: string;
      readonly ended: readonly { readonly desc: string; readonly outcome: string }[];
    }[];
  }

  /** What the journal of the last run tells of each host. */
  async function recorded(): Promise<Recorded["hosts"]> {
    const { code, stdout, stderr } = await scratch.consfig("report", "--json", "-");
    assert.equal(code, 0, stderr);
    return (JSON.parse(stdout) as Recorded).hosts; // of our own making
  }

  for (const [round, threads] of Array.from({ length: rounds }, (_, i) => [i, i % 2 ? "2" : "0"])) {
    test(`is killed and goes on: round ${round}, threads ${threads}`, async (t) => {
      await everywhere("rm -f /root/done; : >/root/done");
      const { child, ended } = scratch.start(["deploy", "h*", "--threads", String(threads)]);
      const begun = async () => (await done()).some((lines) => lines.length > 0);
      await Promise.race([until(begun, "begun", 30_000), failing(ended)]);
      const waitMs = random(1500);
      t.diagnostic(`killed after ${waitMs} ms`);
      await sleep(waitMs);
      child.kill("SIGKILL");
      await ended;
      await until(async () => (await left()).length === 0, "ended on the hosts", 10_000);
      const before = await done();
      const known = (await recorded()).map((one) => {
        return one.ended.flatMap(({ desc, outcome }) => (outcome === "changed" ? desc : []));
      });
      const resumed = await scratch.consfig("resume", "-q");
      assert.equal(resumed.code, 0, resumed.stderr);
      for (const [index, lines] of (await done()).entries()) {
        const name = `${place.bed.host(index).name}: ${lines.join(" ")}`;
        assert.deepEqual([...new Set(lines)].toSorted(), everything, name);
        const twice = lines.filter((line, at) => lines.indexOf(line) !== at);
        // What can tell is never done twice, nor what is known.
        assert.deepEqual(
          twice.filter((line) => line.startsWith("c")),
          [],
          name,
        );
        const about = known[index]?.map((desc) => desc.split(" ").at(-1));
        assert.deepEqual(
          twice.filter((line) => about?.includes(line)),
          [],
          name,
        );
        // Only what had been done a moment before may not have been known.
        const late = before[index]?.slice(-8) ?? [];
        assert.deepEqual(
          twice.filter((line) => !late.includes(line)),
          [],
          name,
        );
      }
      assert.deepEqual(
        (await recorded()).map(({ state }) => state),
        place.bed.hosts.map(() => "ok"),
      );
      const again = await scratch.consfig("resume");
      assert.equal(again.code, 1);
      assert.match(again.stderr, /nothing is left to do/);
    });
  }

  /** What runs on the hosts because of us. */
  async function left(): Promise<string[]> {
    const found = await everywhere(
      "ps -eo args= | grep -E '^(sleep [0-9.]+|node|/[^ ]*node|.*consfig)' | grep -v grep; ls -d /tmp/.consfig-* 2>/dev/null",
    );
    return found.flatMap(({ stdout }, index) =>
      stdout.split("\n").flatMap((line) => (line ? `${place.bed.host(index).name}: ${line}` : [])),
    );
  }

  for (const threads of ["0", "2"]) {
    test(`is interrupted, with ${threads} threads: all that it began has ended`, async () => {
      await everywhere("rm -f /run/begun");
      const { child, ended } = scratch.start(["deploy", "long-*", "--threads", threads]);
      const begun = async () => (await everywhere("ls /run/begun")).every(({ code }) => code === 0);
      await Promise.race([until(begun, "begun", 30_000), failing(ended)]);
      const begin = performance.now();
      child.kill("SIGINT");
      const { code, stderr } = await ended;
      const tookMs = performance.now() - begin;
      assert.equal(code, 130, stderr);
      assert.ok(tookMs < 10_000, `${tookMs} ms`);
      assert.equal(stderr.match(/^long-h\d+ +cancelled {2}/gm)?.length, count, stderr);
      assert.deepEqual(await left(), []);
    });
  }

  test("of 30 behind one bastion loses no login to an sshd as it comes", async () => {
    const { ended, log } = await behind("10:30:100", 30, []);
    assert.equal(ended.code, 0, ended.stderr);
    assert.equal(log.match(/Accepted publickey/g)?.length, 30);
    assert.doesNotMatch(log, /drop connection/);
  });

  test("behind a bastion that turns most away needs patience alone", async () => {
    const { ended, log } = await behind("3:100:3", 12, ["--retry", "9"]);
    assert.equal(ended.code, 0, ended.stderr);
    assert.match(log, /drop connection/);
  });

  /** The command over so many hosts behind a bastion with those MaxStartups, and what that has logged. */
  async function behind(maxStartups: string, hosts: number, words: readonly string[]) {
    const [bastion, target] = place.bed.hosts;
    assert.ok(bastion && target);
    const ports = Array.from({ length: hosts }, (_, index) => 2201 + index);
    const [pids, log] = ["/run/behind.pids", "/run/behind.log"];
    const sshd = "/usr/sbin/sshd -4 -D -o PidFile=none -o LogLevel=VERBOSE";
    const start = (options: string) =>
      `${sshd} ${options} </dev/null >/dev/null 2>&1 & echo $! >>${pids}`;
    await bastion.shell(
      `rm -f ${log}; ${start(`-p 2222 -o MaxStartups=${maxStartups} -E ${log}`)}`,
    );
    // An sshd listens on sixteen ports at most.
    for (const some of [ports.slice(0, 15), ports.slice(15)]) {
      if (some.length === 0) continue;
      const listening = some.map((port) => `-p ${port}`).join(" ");
      await target.shell(start(`-o MaxStartups=100 ${listening} -E /dev/null`));
    }
    const keyAt = ({ hostKeyLine, address }: typeof bastion, port: number) =>
      hostKeyLine.replace(/^\S+/, `[${address}]:${port}`);
    const keys = [keyAt(bastion, 2222), ...ports.map((port) => keyAt(target, port))];
    const known = scratch.write("behind/known_hosts", keys.map((line) => `${line}\n`).join(""));
    const configFile = scratch.write(
      "behind/ssh_config",
      [
        `Host bastion\n  HostName ${bastion.address}\n  Port 2222`,
        ...ports.map((port) => `Host b${port}\n  HostName ${target.address}\n  Port ${port}`),
        "Host b2*\n  ProxyJump bastion",
        `Host *\n  User root\n  IdentityFile ${place.bed.keyFile}\n  UserKnownHostsFile ${known}\n`,
      ].join("\n"),
    );
    scratch.write(
      "behind/consfig.ts",
      `import { host } from "consfigurator";
import { ssh } from "consfigurator/connections/ssh";
import * as cmd from "consfigurator/properties/cmd";
export const hosts = ${JSON.stringify(ports)}.map((port) => host("b" + port,
  { deploy: [ssh({ configFile: ${JSON.stringify(configFile)} })] }, cmd.single(["true"])));
`,
    );
    const listens = async () =>
      (await target.shell("ss -Hltn")).stdout.includes(`:${ports.at(-1)} `);
    await until(
      async () => (await bastion.shell("ss -Hltn")).stdout.includes(":2222 "),
      "listening",
    );
    await until(listens, "listening");
    const ended = await scratch.start(["deploy", "-q", ...words], {}, "behind").ended;
    const { stdout } = await bastion.shell(`cat ${log}`);
    for (const host of [bastion, target]) await host.shell(`kill $(cat ${pids}); rm ${pids}`);
    return { ended, log: stdout };
  }
});
