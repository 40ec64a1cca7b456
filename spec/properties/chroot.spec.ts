/** Trees that are bootstrapped and deployed: on hosts with a stand-in for mmdebstrap, and really. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import "../../connections/chroot/index.js";
import { z } from "zod";
import { local } from "../../connections/local/index.js";
import { ssh } from "../../connections/ssh/index.js";
import {
  AbortedChange,
  type Chain,
  deployThese,
  FailedChange,
  host,
  InapplicableProperty,
  isError,
  type Propspec,
  posixProperty,
  prepareHost,
  unapplied,
} from "../../engine/index.js";
import * as apt from "../../properties/apt/index.js";
import * as chroot from "../../properties/chroot/index.js";
import * as container from "../../properties/container/index.js";
import * as file from "../../properties/file/index.js";
import * as hostname from "../../properties/hostname/index.js";
import * as os from "../../properties/os/index.js";
import { mountsIn } from "../helpers/belongings.js";
import { type Testbed, testbed, testbedUnavailable } from "../testbed/index.js";

/** What the attributes of the host in the chroot were, when something was applied to it. */
const seen: unknown[] = [];
const looks = posixProperty<[]>("chroot.looks", {
  args: z.tuple([]),
  apply: async (on) => {
    const { attrs } = on;
    seen.push([
      attrs.hostname,
      attrs.parent?.hostname,
      attrs.parent?.first(os.osAttr)?.suite,
      container.isContained(attrs, "filesystem"),
      container.isContained(attrs, "hostname"),
      (await on.query(["sh", "-c", "/usr/sbin/policy-rc.d; echo $?"])).stdout.trim(),
    ]);
    return "unchanged";
  },
});

const stable = os.debianStable("bookworm", "amd64");

/** The outcome, or the error. */
async function outcome(chain: Chain, said: readonly Propspec[], prop: Propspec) {
  const report = await deployThese(chain, host("outer.example", ...said), [prop as never]);
  return report.failures[0]?.error ?? report.error ?? (report.changed ? "changed" : "unchanged");
}

test("the operating system of the child must be said, and be Debian", () => {
  const without = host("h.example", chroot.osBootstrapped("/srv/x", [file.hasContent("/a", "")]));
  assert.throws(() => prepareHost(without), InapplicableProperty);
  const other = host("h.example", chroot.osBootstrapped("/srv/x", [os.fedora("42", "amd64")]));
  assert.throws(() => prepareHost(other), InapplicableProperty);
});

/** The tree that is to be made on a host with these properties. */
function treeIn(...props: readonly Propspec[]): unknown {
  let tree: unknown;
  JSON.stringify(prepareHost(host("h.example", ...props)).propspec, (_key, value) => {
    if (value?.property === "chroot.bootstrapped") tree = value.args[1];
    return value;
  });
  return tree;
}

test("mirrors and proxy are the child's, else those of the host around it", () => {
  const parent = [stable, apt.mirrors("file:/a"), apt.proxy("http://[::1]:1")];
  const plain = { distribution: "debian", suite: "unstable", architecture: "arm64" };
  const child = [os.debianUnstable("arm64")];
  assert.deepEqual(treeIn(...parent, chroot.osBootstrapped("/srv/x", child)), {
    ...plain,
    mirrors: ["file:/a"],
    proxy: "http://[::1]:1",
  });
  const own = [...child, apt.mirrors("file:/b"), apt.proxy("http://[::1]:2")];
  const options = { variant: "minbase", include: ["hello"] };
  assert.deepEqual(treeIn(...parent, chroot.osBootstrapped("/srv/x", own, options)), {
    ...plain,
    ...options,
    mirrors: ["file:/b"],
    proxy: "http://[::1]:2",
  });
  assert.deepEqual(treeIn(chroot.osBootstrapped("/srv/x", child)), { ...plain, mirrors: [] });
});

/** Makes a tree out of the host's own root; breaks off in the middle as long as /break is there. */
const standIn = `#!/bin/sh
echo "$*" >>/calls
while [ "$1" != -- ]; do shift; done
[ ! -e "$3/etc" ] || exit 7
mkdir -p "$3/etc" "$3/dev" "$3/proc"
[ ! -e /break ] || { mount -t tmpfs none "$3/proc"; exit 9; }
for each in bin sbin lib lib64 usr; do cp -a "/$each" "$3"; done
cp /etc/passwd /etc/group /etc/os-release "$3/etc"
`;

describe("on a host", { skip: testbedUnavailable() ?? false }, () => {
  let bed: Testbed;
  let chain: Chain;
  const there = (text: string) => bed.host(0).shell(text);

  before(async () => {
    bed = await testbed({ hosts: 1 });
    chain = [ssh({ host: bed.host(0).name, user: "root", configFile: bed.sshConfigFile })];
    const install = "cat >/usr/bin/mmdebstrap; chmod 755 /usr/bin/mmdebstrap";
    await there("mount -t tmpfs -o mode=755 srv /srv");
    await bed.host(0).shell(install, { input: standIn });
  });
  after(() => bed?.down());

  const child = () => [
    stable,
    container.whenContained(["filesystem"], file.hasContent("/etc/inside", "x")),
    container.whenContained(["filesystem", "hostname"], file.hasContent("/etc/not", "x")),
    looks(),
  ];
  const wanted = () => chroot.osBootstrapped("/srv/chroots/a", child());

  test("one that broke off does not count, and the next one starts anew", async () => {
    const said = [stable, apt.mirrors("file:/opt/repo")];
    await there("touch /break");
    const failed = await outcome(chain, said, wanted());
    assert.ok(isError(failed, FailedChange), String(failed));
    const { stdout } = await there(
      "rm /break; ls -A /srv/chroots; grep bootstrapping /proc/mounts",
    );
    assert.equal(stdout, "");
    // What a power cut leaves, with what was mounted there.
    await there(`mkdir -p /srv/chroots/a.bootstrapping/etc /srv/chroots/a.bootstrapping/proc
mount -t tmpfs none /srv/chroots/a.bootstrapping/proc; touch /srv/chroots/a.bootstrapping/etc/os-release`);
    assert.equal(await outcome(chain, said, wanted()), "changed");
    const { stdout: found } = await there(
      "ls -A /srv/chroots; cd /srv/chroots/a/etc; cat inside; ls not",
    );
    assert.equal(found, "a\nx\n");
    assert.deepEqual(seen, [["outer.example", "outer.example", "bookworm", true, false, "101"]]);
    assert.equal(await outcome(chain, said, wanted()), "unchanged");
    const { stdout: calls } = await there("cat /calls");
    assert.match(calls, /^(--mode=root .*-- bookworm \S+ file:\/opt\/repo\n){2}$/);
    const { stdout: policy } = await there("ls /srv/chroots/a/usr/sbin/policy-rc.d");
    assert.equal(policy, "");
  });

  test("other properties of a host in a chroot", async () => {
    seen.length = 0;
    const inner = host("inner.example", stable, hostname.configured());
    const deploys = chroot.deploys("/srv/chroots/a", inner, looks());
    assert.equal(await outcome(chain, [stable], deploys), "changed");
    const only = chroot.deploysThese("/srv/chroots/a", inner, file.hasContent("/etc/only", "y"));
    assert.equal(await outcome(chain, [stable], only), "changed");
    assert.equal(await outcome(chain, [stable], only), "unchanged");
    assert.deepEqual(seen, [["inner.example", "outer.example", "bookworm", true, false, "101"]]);
    const { stdout } = await there("cat /srv/chroots/a/etc/hostname /srv/chroots/a/etc/only");
    assert.equal(stdout, "inner\ny\n");
  });

  test("unapplied: gone, and nothing else is", async () => {
    // Shared with the host's own: what is unmounted in the one is unmounted in the other.
    await there(`mount --make-rshared /dev; mount --rbind /dev /srv/chroots/a/dev
mkdir '/srv/chroots/a/a b'; mkdir /srv/kept; touch /srv/kept/file
mount --bind /srv/kept '/srv/chroots/a/a b'`);
    const { stdout: before } = await there("grep ' /dev' /proc/mounts");
    assert.equal(await outcome(chain, [stable], unapplied(wanted())), "changed");
    const { stdout } = await there(
      "ls -A /srv /srv/chroots; ls /srv/kept; grep ' /dev' /proc/mounts",
    );
    assert.equal(stdout, `/srv:\nchroots\nkept\n\n/srv/chroots:\nfile\n${before}`);
    assert.equal(await outcome(chain, [stable], unapplied(wanted())), "unchanged");
  });

  test("what is in use or mounted is left alone, what else is there too", async () => {
    await there(`mkdir -p /srv/chroots/a/etc /srv/chroots/a/m /srv/chroots/b /srv/chroots/c
touch /srv/chroots/a/etc/os-release /srv/chroots/b/file
mount -t tmpfs none /srv/chroots/a/m; mount -t tmpfs none /srv/chroots/c
cd /srv/chroots/a/m; sleep 1000 <&- >&- 2>&- & echo $! >/user`);
    const busy = await outcome(chain, [stable], unapplied(wanted()));
    assert.ok(isError(busy, FailedChange));
    assert.match(`${busy.message} ${busy.facts.output}`, /not removed .*in use/s);
    for (const name of ["b", "c"]) {
      const other = await outcome(
        chain,
        [stable],
        chroot.osBootstrapped(`/srv/chroots/${name}`, [stable]),
      );
      assert.ok(isError(other, AbortedChange), String(other));
      assert.match(other.message, /is not free for a tree/);
    }
    const { stdout } = await there("kill $(cat /user); ls /srv/chroots/a/etc /srv/chroots/b");
    assert.equal(stdout, "/srv/chroots/a/etc:\nos-release\n\n/srv/chroots/b:\nfile\n");
  });

  test("without a mirror, and with debootstrap alone", async () => {
    const none = await outcome(chain, [stable], chroot.osBootstrapped("/srv/chroots/d", [stable]));
    assert.ok(isError(none, AbortedChange), String(none));
    assert.match(none.hint ?? "", /apt\.mirrors/);
    await there("mv /usr/bin/mmdebstrap /usr/bin/debootstrap; rm /calls");
    const said = [stable, apt.mirrors("file:/one", "file:/two")];
    const options = { components: ["main", "contrib"] };
    const made = chroot.osBootstrapped("/srv/chroots/d", [stable], options);
    assert.equal(await outcome(chain, said, made), "changed");
    const { stdout } = await there("cat /calls");
    const args = "--arch=amd64 --components=main,contrib -- bookworm /srv/chroots/d.bootstrapping";
    assert.equal(stdout, `${args} file:/one\n`);
  });
});

test("a real Debian, from where this machine gets its packages", {
  skip: testbedUnavailable() ?? false,
}, async () => {
  const release = readFileSync("/etc/os-release", "utf8");
  const suite = /^VERSION_CODENAME=(\S+)$/m.exec(release)?.[1] ?? "stable";
  const architecture = process.arch === "x64" ? "amd64" : process.arch;
  const said = os.debianStable(suite, architecture);
  const outer = mkdtempSync(path.join(tmpdir(), "debian-"));
  const directory = path.join(outer, "tree");
  const wanted = () =>
    chroot.osBootstrapped(directory, [said, file.hasContent("/etc/inside", "x")], {
      // As much as a shell needs: a whole Debian takes minutes on a machine that is busy.
      variant: "extract",
      include: ["base-files", "coreutils", "dash", "grep", "sed", "util-linux"],
    });
  try {
    assert.equal(await outcome([local()], [said], wanted()), "changed");
    assert.equal(readFileSync(path.join(directory, "etc/inside"), "utf8").trim(), "x");
    assert.ok(existsSync(path.join(directory, "bin/dash")));
    assert.equal(await outcome([local()], [said], wanted()), "unchanged");
    assert.equal(await outcome([local()], [said], unapplied(wanted())), "changed");
    assert.equal(existsSync(directory), false);
    assert.deepEqual(mountsIn(outer), []);
  } finally {
    if (mountsIn(outer).length === 0) rmSync(outer, { recursive: true });
  }
});
