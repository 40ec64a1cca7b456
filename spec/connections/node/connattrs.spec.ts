/** What is known of a connection goes on with the hops that let it, whatever process that is in. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { node } from "../../../connections/node/index.js";
import { su } from "../../../connections/su/index.js";
import type { Chain, Host } from "../../../engine/index.js";
import { testbedUnavailable } from "../../testbed/index.js";
import { Place, told } from "./place.js";

const consfig = `
import { z } from "zod";
import { connattr, deploys, host, posixProperty } from "consfigurator";
import { chroot } from "consfigurator/connections/chroot";
import { node } from "consfigurator/connections/node";
import { setuid } from "consfigurator/connections/setuid";

const way = connattr<string>("connattrs.way", {
  propagate: (known, { hop }) => (hop === "chroot" ? undefined : \`\${known} \${hop}\`),
});
const looked = connattr<string>("connattrs.looked", {
  learn: async (on) => (await on.query(["cat", "/srv/looked"])).stdout,
});
const begins = posixProperty<[]>("connattrs.begins", {
  args: z.tuple([]),
  apply: async (on) => {
    on.setConnattr(way, "begins");
    return "unchanged";
  },
});
const tells = posixProperty<[]>("connattrs.tells", {
  args: z.tuple([]),
  apply: async (on) => {
    on.inform(\`way: \${await on.connattr(way)}\`);
    return "unchanged";
  },
});
const looks = posixProperty<[]>("connattrs.looks", {
  args: z.tuple([]),
  apply: async (on) => {
    const seen: unknown[] = [];
    for (const content of ["1", "2"]) {
      await on.writeFile("/srv/looked", content);
      seen.push(await on.connattr(looked));
    }
    on.forgetConnattr(looked);
    seen.push(await on.connattr(looked));
    on.inform(\`way: \${seen}\`);
    return "unchanged";
  },
});

const inner = host("inner", tells());
const alice = deploys([setuid("alice")], inner);
const tree = deploys([chroot("/srv/tree")], inner);
export const shell = host("shell", begins(), alice, deploys([node()], host("image", tells(), alice, tree)), tells());
export const image = host("image", tells(), begins(), deploys([setuid("root"), setuid("alice")], inner), looks());
`;

describe("attributes of a connection", { skip: testbedUnavailable() ?? false }, () => {
  let place: Place;
  let hosts: Readonly<Record<string, Host>>;

  before(async () => {
    place = await Place.open();
    place.installNode();
    hosts = await place.load(consfig);
    await place.bed.host(0).shell(`mkdir -p /srv/tree/dev
      for each in bin sbin lib lib64 usr etc; do cp -a "/$each" /srv/tree; done`);
  });
  after(() => place?.close());

  const ways = async (chain: Chain, host: Host | undefined) => {
    const { report, informed } = await told(chain, host);
    assert.deepEqual([report.error, ...report.failures], [undefined]);
    return informed.filter((line) => line.startsWith("way: ")).map((line) => line.slice(5));
  };

  test("go on to shells, to an image, and to its grandchildren; and not beyond a chroot", async () => {
    assert.deepEqual(await ways([place.ssh(), su("root")], hosts.shell), [
      "begins setuid",
      "begins node",
      "begins node setuid",
      "undefined",
      "begins",
    ]);
  });

  test("go on where one grandchild comes of another, and are learnt again when forgotten", async () => {
    assert.deepEqual(await ways([place.ssh(), node()], hosts.image), [
      "undefined",
      "begins setuid setuid",
      "1,1,2",
    ]);
  });
});
