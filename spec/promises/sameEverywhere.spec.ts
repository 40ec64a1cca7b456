/** One host of a consfig, over every sort of chain: the same files come of it, and the second time nothing. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { node } from "../../connections/node/index.js";
import { sudo } from "../../connections/sudo/index.js";
import type { Chain, Host } from "../../engine/index.js";
import { Place, told } from "../connections/node/place.js";
import { type FullEntry, found, touched } from "../helpers/tree.js";
import { ensureBase } from "../testbed/base.js";
import { testbedUnavailable } from "../testbed/index.js";

// The hosts have no network: their packages are those of a directory. There, webby is in the place
// of apache2, and greeter, which depends on another package, in the place of build-essential. The
// chroot's packages have to come from there, too, which apt.mirrors says.
const consfig = `
import { host } from "consfigurator";
import "consfigurator/connections/chroot";
import * as apt from "consfigurator/properties/apt";
import * as chroot from "consfigurator/properties/chroot";
import * as file from "consfigurator/properties/file";
import * as os from "consfigurator/properties/os";

export const athena = host("athena.example.com",
  os.debianStable("bookworm", "amd64"),
  apt.mirrors("file:/opt/repo"),
  apt.serviceInstalledRunning("webby"),
  file.hasContent("/etc/foo", "text"),
  chroot.osBootstrapped("/srv/chroot/test", [
    os.debianUnstable("amd64"),
    apt.installed("greeter"),
  ]),
);
`;

/** What the host's lines in the report come to: what only says something of it has nothing to do. */
const outcomes = (changed: string) => ({
  "Debian bookworm (amd64)": "unchanged",
  "mirrors file:/opt/repo": "unchanged",
  "webby installed and webby running": changed,
  "/etc/foo has its content": changed,
  "operating system bootstrapped in /srv/chroot/test": changed,
});

/** The root of a host that nothing has happened to yet; a host has it in memory, outside its root. */
const pristine = "/run/pristine.tar";

// A stand-in for mmdebstrap, as a package: there is no mirror from which the real one could make a
// whole Debian. What it makes is one all the same, with an apt and a dpkg that work.
const packagesMmdebstrap = `set -e
cd $(mktemp -d) && mkdir -p t/DEBIAN t/usr/bin
cat >t/usr/bin/mmdebstrap <<'END'
#!/bin/sh -e
while [ "$1" != -- ]; do shift; done
mkdir "$3" && tar -x -f ${pristine} -C "$3"
echo "$2 from $4" >"$3/etc/bootstrapped"
END
chmod 755 t/usr/bin/mmdebstrap
cat >t/DEBIAN/control <<END
Package: mmdebstrap
Version: 1.0
Architecture: all
Maintainer: Test Bed <root@localhost>
Description: unpacks a root
END
deb=/opt/repo/mmdebstrap.deb; dpkg-deb --root-owner-group --build t $deb >/dev/null
{ cat t/DEBIAN/control; echo "Filename: ./mmdebstrap.deb"; echo "Size: $(stat -c %s $deb)"
  echo "SHA256: $(sha256sum <$deb | cut -d' ' -f1)"; echo; } >>/opt/repo/Packages
rm -rf "$PWD"; apt-get -qq update`;

/** What may differ, on the host and in the chroot. Of all else every path is compared. */
const passedOver: readonly RegExp[] = [
  /^(proc|sys|dev|run)$/, // the kernel's, and of the processes that run
  /^var\/log$/, // tells when what was done
  /^var\/cache\/(apt|debconf|ldconfig)$/, // is made of the rest at any time, with its times in it
  /^root\/\.cache$/, // where a Node image keeps the modules it was sent
  /^home\/admin\/\.sudo_as_admin_successful$/, // sudo's own mark that it was used
];

function isPassedOver(name: string): boolean {
  const inRoot = name.replace(/^srv\/chroot\/test\//, "");
  return passedOver.some((pattern) => pattern.test(inRoot));
}

/** All paths below the directory that are to be compared. */
function namesIn(root: string, below = ""): string[] {
  return readdirSync(path.join(root, below), { withFileTypes: true }).flatMap((entry) => {
    const name = path.join(below, entry.name);
    if (isPassedOver(name)) return [];
    return entry.isDirectory() ? [name, ...namesIn(root, name)] : [name];
  });
}

type Entries = Readonly<Record<string, FullEntry>>;

const optionsFor = (root: string) => ({ directory: root, view: root, uid: 0, gid: 0 });

/** What is at the paths. */
function entriesAt(root: string, names: readonly string[]): Entries {
  const nothing = names.map((name) => [name, "nothing"] as const);
  return { ...Object.fromEntries(nothing), ...found(optionsFor(root), names) };
}

/** Each path that is to be compared, with a mark that is another one as soon as it is written to. */
function marksOf(root: string): Readonly<Record<string, string>> {
  return touched(optionsFor(root), namesIn(root));
}

/** What is now at the paths that were written to since they had these marks. */
function writtenSince(marks: Readonly<Record<string, string>>, root: string): Entries {
  const now = marksOf(root);
  const names = Object.keys({ ...marks, ...now }).filter((name) => marks[name] !== now[name]);
  return entriesAt(root, names);
}

/** A line for each path at which they differ. */
function differences(one: Entries, other: Entries): string[] {
  return Object.keys({ ...one, ...other })
    .filter((name) => one[name] !== other[name])
    .map((name) => `/${name}: ${one[name]} | ${other[name]}`);
}

describe("the same consfig", { skip: testbedUnavailable() ?? false }, () => {
  let place: Place;
  let athena: Host | undefined;
  /** The root that every host begins with. */
  let base: string;
  /** What each chain has made of the host, against what it was before. */
  const made = new Map<string, Entries>();

  before(async () => {
    place = await Place.open();
    athena = (await place.load(consfig)).athena;
    base = await ensureBase();
  });
  after(() => place?.close());

  /** A host that has just booted for the first time, the same for every chain. */
  async function boot(): Promise<void> {
    await place.bed.reset();
    const host = place.bed.host(0);
    // Below /opt, so that the chroot does not have it; and also where no chain needs it.
    place.installNode(0, "opt/node/bin/node");
    const target = path.join(host.root, pristine);
    const kernels = ["proc", "sys", "dev", "run"].map((name) => `--exclude=./${name}/*`);
    execFileSync("tar", ["-c", "-f", target, ...kernels, "-C", base, "."]);
    const { code, stderr } = await host.shell(packagesMmdebstrap);
    assert.equal(code, 0, stderr);
  }

  /** How the host's own lines in the report ended. */
  async function deployed(chain: Chain): Promise<Readonly<Record<string, string>>> {
    const { report, events } = await told(chain, athena);
    assert.equal(report.error, undefined);
    assert.deepEqual(report.failures, []);
    assert.deepEqual([report.counts.failed, report.counts.notReached], [0, 0]);
    const ended = events.flatMap((event) => (event.type === "ended" ? [event] : []));
    const own = ended.filter(({ item }) => item.depth === 0);
    return Object.fromEntries(own.map(({ item, ending }) => [item.desc, ending.outcome]));
  }

  const chains: [name: string, chain: () => Chain][] = [
    ["ssh", () => [place.ssh()]],
    ["ssh → sudo", () => [place.ssh("admin"), sudo()]],
    ["ssh → node", () => [place.ssh(), node()]],
    ["ssh → sudo → node", () => [place.ssh("admin"), sudo(), node()]],
  ];
  for (const [name, chain] of chains) {
    test(`over ${name}: made so, and the second time nothing changes`, async () => {
      await boot();
      const { root } = place.bed.host(0);
      const asItWas = marksOf(root);
      assert.deepEqual(await deployed(chain()), outcomes("changed"));
      const written = writtenSince(asItWas, root);
      const before = entriesAt(base, Object.keys(written));
      const changed = Object.entries(written).filter(([file, entry]) => before[file] !== entry);
      made.set(name, Object.fromEntries(changed));
      const { stdout } = await place.bed.host(0).shell("service webby status; cat /etc/foo");
      assert.match(stdout, /is running\.\ntext\n$/);

      const asItIs = marksOf(root);
      assert.deepEqual(await deployed(chain()), outcomes("unchanged"));
      const again = writtenSince(asItIs, root);
      const names = Object.keys(again);
      const asMade = names.map((file) => [file, written[file] ?? "as it was"] as const);
      assert.deepEqual(differences(Object.fromEntries(asMade), again), []);
    });
  }

  test("over all of them the end is the same", () => {
    const [[reference, expected] = ["none", {}], ...others] = made;
    assert.equal(others.length, chains.length - 1);
    const tree = "srv/chroot/test";
    for (const [name, text] of [
      ["etc/foo", "text\n"],
      [`${tree}/etc/bootstrapped`, "unstable from file:/opt/repo\n"],
      ["usr/share/webby/version", "webby 1.0\n"],
      [`${tree}/usr/share/greeter/version`, "greeter 1.0\n"],
      [`${tree}/usr/share/hello-consfig/version`, "hello-consfig 2.0\n"],
    ] as const) {
      assert.equal(expected[name], `file ${JSON.stringify(text)}, mode 644, owner 0:0`);
    }
    for (const [name, entries] of others) {
      assert.deepEqual(differences(expected, entries), [], `${reference} | ${name}`);
    }
  });
});
