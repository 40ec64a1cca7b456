/** Which Node an image is: one of the host's, or one that is brought there. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { node } from "../../../connections/node/index.js";
import { sudo } from "../../../connections/sudo/index.js";
import { HopFailed, type Host, isError } from "../../../engine/index.js";
import { testbedUnavailable } from "../../testbed/index.js";
import { bytesSent, cache, Place, told } from "./place.js";

const consfig = `
import { z } from "zod";
import { host, nodeProperty } from "consfigurator";
const says = nodeProperty<[]>("bring.says", {
  args: z.tuple([]),
  apply: async (on) => {
    on.inform(\`\${process.execPath} \${process.getuid?.()}\`);
    return "unchanged";
  },
});
export const it = host("it", says());
`;

/** What a Node 18 says, to whoever asks for its version and as the boot program. */
const standInFor18 = `case $1 in --version) echo v18.19.0;; *) echo '{"node":"18.19.0"}';; esac`;

/** Shell text: the hosts' package source has a package nodejs that leads to a Node of that version. */
function packageOf(version: string): string {
  return `cd $(mktemp -d) && mkdir -p t/DEBIAN t/usr/bin && ln -s /opt/spare/node t/usr/bin/node
    cat >t/DEBIAN/control <<END
Package: nodejs
Version: ${version}
Architecture: all
Maintainer: Test Bed <root@localhost>
Description: leads to a Node
END
    deb=/opt/repo/nodejs.deb; dpkg-deb --root-owner-group --build t $deb >/dev/null
    { cat t/DEBIAN/control; echo "Filename: ./nodejs.deb"; echo "Size: $(stat -c %s $deb)"
      echo "SHA256: $(sha256sum <$deb | cut -d' ' -f1)"; echo; } >>/opt/repo/Packages
    rm -rf "$PWD"; apt-get -qq update`;
}

describe("a Node for an image", { skip: testbedUnavailable() ?? false }, () => {
  let place: Place;
  let it: Host | undefined;

  before(async () => {
    place = await Place.open();
    it = (await place.load(consfig)).it;
  });
  after(() => place?.close());

  const shell = async (command: string) => (await place.bed.host(0).shell(command)).stdout;

  test("is uploaded where there is none, whole and for the account alone, once", async () => {
    const chain = [place.ssh(), node()];
    await shell(`umask 077; mkdir -p ${cache}/node/.new.abc; touch -d "2 hours ago" ${cache}/node/.new.abc
      old=${cache}/node/v18.1.0-$(uname -s)-$(uname -m)-glibc; mkdir $old; touch $old/node`);
    const first = await told(chain, it);
    assert.equal(first.report.error, undefined);
    assert.match(first.informed.join("\n"), /no Node by packages: the package nodejs is not known/);
    assert.match(first.informed.join("\n"), new RegExp(`uploads Node ${process.version}`));
    assert.ok(bytesSent(first) > 100_000);
    assert.match(first.informed.at(-1) ?? "", /^\/root\/\.cache\/consfigurator\/node\/v.* 0$/);
    const listing = await shell(`find /root/${cache} -printf '%m %U %y\\n' | sort -u`);
    assert.deepEqual(listing.trim().split("\n"), ["600 0 f", "700 0 d", "700 0 f"]);
    const left = await shell(
      `ls -A /root/${cache}/node | grep -v '^${process.version}'; ls -A /tmp`,
    );
    assert.equal(left, "");

    const second = await told(chain, it);
    assert.equal(second.report.error, undefined);
    assert.equal(bytesSent(second), 0);
    assert.doesNotMatch(second.informed.join(), /uploads/);
    const bytes = second.report.traffic?.bytesSent ?? Number.NaN;
    assert.ok(bytes < 20_000, `${bytes} bytes were sent for nothing`);
  });

  test("is each account's own", async () => {
    const { report, informed } = await told([place.ssh("admin"), node()], it);
    assert.equal(report.error, undefined);
    assert.match(informed.join(), /packages can be installed by uid 0, not by uid 100\d/);
    assert.match(informed.at(-1) ?? "", /^\/home\/admin\/\.cache\/.* 100\d$/);
    const { report: other, informed: also } = await told([place.ssh("admin"), sudo(), node()], it);
    assert.equal(other.error, undefined);
    assert.match(also.at(-1) ?? "", /^\/root\/\.cache\/.* 0$/);
  });

  test("is not brought where that is not wanted", async () => {
    await place.bed.reset();
    const { report } = await told([place.ssh(), node({ from: ["cached", "system"] })], it);
    assert.ok(isError(report.error, HopFailed), String(report.error));
    assert.match(report.error.message, /no Node is found$/);
    assert.match(report.error.hint ?? "", /node\(\{ path: … \}\)/);
    const { report: second } = await told([place.ssh(), node({ path: "/opt/n/node" })], it);
    assert.ok(isError(second.error, HopFailed), String(second.error));
    assert.match(second.error.hint ?? "", /at \/opt\/n\/node/);
  });

  test("is the host's own, and a stand-in for 18 is passed over for it", async () => {
    place.installStandIn(standInFor18, 0, "usr/local/bin/node");
    place.installNode(0, "opt/node22/bin/node");
    const own = node({ from: ["system"] });
    const { report, informed } = await told([place.ssh(), own], it);
    assert.equal(report.error, undefined);
    assert.equal(informed.at(-1), "/opt/node22/bin/node 0");
    const there = await told([place.ssh(), node({ path: "/opt/node22/bin/node" })], it);
    assert.equal(there.informed.at(-1), "/opt/node22/bin/node 0");
  });

  const unfit: [name: string, text: string, why: RegExp][] = [
    ["a stand-in for 18", standInFor18, /its Node is 18\.19\.0/],
    ["one that cannot be started", "exit 127", /its Node is one that does not start/],
    ["one that greets", "echo hello; cat >/dev/null", /its Node is one that says "hello"/],
  ];
  for (const [name, text, why] of unfit) {
    test(`is brought beside ${name}`, async () => {
      await place.bed.reset();
      place.installStandIn(text);
      const { report } = await told([place.ssh(), node({ from: ["system"] })], it);
      assert.match(String(report.error), why);
      assert.match(String(report.error), new RegExp(`: ${it?.host} has no Node that can be used`));
      place.installNode(0, "root/spare/node");
      await shell(`v=${cache}/node/v20.1.0-$(uname -s)-$(uname -m)-glibc;
        mkdir -p $v && mv spare/node $v`);
      const brought = await told([place.ssh(), node()], it);
      assert.equal(brought.report.error, undefined);
      assert.match(brought.informed.at(-1) ?? "", /^\/root\/\.cache\//);
    });
  }

  test("is the package where that is new enough, and not wanted where it is too old", async () => {
    await place.bed.reset();
    place.installNode(0, "opt/spare/node");
    const packages = node({ from: ["system", "packages"] });
    await shell(packageOf("18.19.0+dfsg-6"));
    const { report } = await told([place.ssh(), packages], it);
    assert.match(String(report.error), /packages: the package nodejs is 18\.19\.0\+dfsg-6/);
    await shell(packageOf("1:20.9.0"));
    const brought = await told([place.ssh(), packages], it);
    assert.equal(brought.report.error, undefined);
    assert.match(brought.informed.join("\n"), /installs the package nodejs 1:20\.9\.0/);
    assert.match(brought.informed.join("\n"), /Node v\S+ \(\/opt\/spare\/node\)/);
  });

  test("is refused where its disk is too small, with the reason", async () => {
    await place.bed.reset();
    await shell("mkdir -p /root/.cache && mount -t tmpfs -o size=8m tmpfs /root/.cache");
    const { report } = await told([place.ssh(), node()], it);
    assert.ok(isError(report.error, HopFailed), String(report.error));
    assert.match(report.error.message, /upload: \/root has \d+ KiB free, and \d+ are needed/);
  });
});
