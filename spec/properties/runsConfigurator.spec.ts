/** Hosts that make themselves as they are to be: the job and the timer are really run. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { node } from "../../connections/node/index.js";
import { type Host, resetDataSources } from "../../engine/index.js";
import { Place, told } from "../connections/node/place.js";
import { supply } from "../helpers/dataSource.js";
import { testbedUnavailable } from "../testbed/index.js";

const consfig = `
import { deploys, host, unapplied } from "consfigurator";
import { chroot } from "consfigurator/connections/chroot";
import * as cmd from "consfigurator/properties/cmd";
import * as cron from "consfigurator/properties/cron";
import * as file from "consfigurator/properties/file";
import * as systemd from "consfigurator/properties/systemd";

const own = [
  file.hasContent("/etc/made", ["by consfig"]),
  file.secretUploaded("_app", "key", "/etc/key"),
];
const timer = systemd.runsConfigurator({ onCalendar: "*-*-* 04:00", persistent: true, randomDelay: "1h" });
export const byCron = host("byCron", ...own, cron.runsConfigurator("daily"));
export const byMinutes = host("byMinutes", ...own, cron.runsConfigurator("*/5 * * * *"));
export const notByCron = host("notByCron", unapplied(cron.runsConfigurator("daily")));
export const byTimer = host("byTimer", ...own, timer);
export const notByTimer = host("notByTimer", unapplied(timer));
export const daemon = host("daemon",
  cmd.single(["sh", "-c", "sleep 300 >/dev/null 2>&1 & echo $! >/run/daemon"], { creates: "/run/daemon" }),
  cron.runsConfigurator("daily"));
export const inside = host("inside",
  deploys([chroot("/srv/tree")], host("inner", cron.runsConfigurator("daily"), timer)));
`;

const job = "/etc/cron.daily/consfigurator";
const latest = "/root/.cache/consfigurator/images/latest";

describe("runsConfigurator", { skip: testbedUnavailable() ?? false }, () => {
  let place: Place;
  let hosts: Readonly<Record<string, Host>>;

  before(async () => {
    place = await Place.open(1, "systemd");
    place.installNode();
    hosts = await place.load(consfig);
    supply("do not tell");
  });
  after(async () => {
    resetDataSources();
    await place?.close();
  });

  async function shell(text: string): Promise<string> {
    const { code, stdout, stderr } = await place.bed.host(0).shell(text);
    assert.equal(code, 0, `${text}: ${stdout}${stderr}`);
    return stdout;
  }

  async function deployed(name: string) {
    const { report } = await told([place.ssh(), node()], hosts[name]);
    const [failure] = report.failures;
    assert.equal(report.error, undefined);
    assert.equal(failure, undefined, failure?.error.message);
    return report;
  }

  test("the job of cron undoes what was changed, from data that the host keeps", async () => {
    const { counts } = await deployed("byCron");
    assert.equal(counts.changed, 3);
    assert.equal((await deployed("byCron")).counts.changed, 0);
    assert.match(await shell(`stat -c '%a %U' ${latest}`), /^700 root\n$/);

    // As the controller is not needed, neither is the Node that it used.
    await shell("mv /usr/bin/node /usr/bin/away; rm /etc/made /etc/key; touch /run/before");
    const printed = await shell(`env -i PATH=/usr/bin:/bin ${job}`);
    assert.equal(
      printed,
      "byCron  changed  /etc/made has its content\nbyCron  changed  /etc/key has the secret (_app, key)\n",
    );
    assert.equal(await shell("cat /etc/made /etc/key"), "by consfig\ndo not tell");
    assert.equal(await shell("stat -c %a /etc/key"), "600\n");
    const changed = await shell(
      "find / -xdev -newer /run/before -type f -not -path '/proc/*' -not -path '/run/*' -not -path '/var/log/*' -not -path '/sys/*'",
    );
    assert.deepEqual(changed.trim().split("\n").sort(), ["/etc/key", "/etc/made"]);
    assert.equal(await shell(`env -i PATH=/usr/bin:/bin ${job} 2>&1`), "");
    await shell("mv /usr/bin/away /usr/bin/node");
  });

  test("data that the host does not keep is a failure, and the rest is done", async () => {
    await shell("rm -r /root/.cache/consfigurator/data; rm /etc/made /etc/key");
    const { code, stdout, stderr } = await place.bed.host(0).shell(job);
    assert.equal(code, 3);
    assert.equal(stdout, "byCron  changed  /etc/made has its content\n");
    assert.match(
      stderr,
      /^byCron {2}failed {2}\/etc\/key .*\n.*\(_app, key\) is not kept on this machine/,
    );
    assert.match(stderr, /deploy to it once more/);
    await deployed("byCron");
    assert.equal(await shell("cat /etc/key"), "do not tell");
  });

  test("another time is another file, and unapplied there is no job", async () => {
    await deployed("byMinutes");
    assert.match(
      await shell("cat /etc/cron.d/consfigurator"),
      /^\*\/5 \* \* \* \* root flock .*nice/m,
    );
    await shell(`! test -e ${job}`);
    assert.equal((await deployed("notByCron")).changed, true);
    await shell("! ls /etc/cron*/consfigurator");
    assert.equal((await deployed("notByCron")).changed, false);
  });

  test("a program that a job leaves running does not keep the next ones from starting", async () => {
    await deployed("daemon");
    await shell("kill $(cat /run/daemon); rm /run/daemon");
    await shell(job);
    await shell("kill -0 $(cat /run/daemon); cp /run/daemon /run/first; rm /run/daemon");
    await shell(job);
    await shell("kill $(cat /run/first) $(cat /run/daemon)");
    await deployed("notByCron");
  });

  test("the timer's service does the same, and its log tells", async () => {
    await deployed("byTimer");
    assert.equal((await deployed("byTimer")).counts.changed, 0);
    assert.match(
      await shell("systemctl list-timers consfigurator.timer"),
      /consfigurator\.service/,
    );
    const unit = await shell("systemctl cat consfigurator.timer");
    assert.match(unit, /Persistent=true\nRandomizedDelaySec=1h\n/);
    await shell("rm /etc/made /etc/key; systemctl start consfigurator.service");
    assert.equal(await shell("cat /etc/made /etc/key"), "by consfig\ndo not tell");
    const log = await shell("journalctl -o cat -u consfigurator.service");
    assert.match(log, /^byTimer {2}changed {2}\/etc\/made has its content$/m);
    await shell("rm -r /root/.cache/consfigurator/data; rm /etc/key");
    await shell("! systemctl start consfigurator.service");
    assert.match(await shell("journalctl -o cat -u consfigurator.service"), /is not kept on this/);

    await deployed("notByTimer");
    await shell("! ls /etc/systemd/system/consfigurator*");
  });

  test("in a chroot there is neither image nor job, and that is no failure", async () => {
    await shell(`mkdir -p /srv/tree/bin /srv/tree/etc /srv/tree/proc /srv/tree/tmp /srv/tree/root
cp $(command -v busybox) /srv/tree/bin && cp --parents $(ldd /bin/busybox | grep -o '/[^ ]*') /srv/tree
chroot /srv/tree /bin/busybox --install -s /bin
echo root:x:0:0::/root:/bin/sh >/srv/tree/etc/passwd`);
    assert.equal((await deployed("inside")).changed, false);
    assert.equal(
      await shell("ls -A /srv/tree/root /srv/tree/etc"),
      "/srv/tree/etc:\npasswd\n\n/srv/tree/root:\n",
    );
  });
});
