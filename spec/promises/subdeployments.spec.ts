/** Hosts inside hosts: what of the one concerns the other, whether a shell or a Node image carries it out. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import "../../connections/chroot/index.js";
import "../../connections/setuid/index.js";
import { node } from "../../connections/node/index.js";
import { type Chain, type Host, registerDataSource, resetDataSources } from "../../engine/index.js";
import { busyboxTree, removeTree } from "../connections/helpers/trees.js";
import { Place, type Told, told } from "../connections/node/place.js";
import { testbedUnavailable } from "../testbed/index.js";

const consfig = `
import {
  childHost, deploys, deploysThese, FailedChange, host, hostattr, nodeProperty, onChange, over,
  posixProperty, propSpec, sh,
} from "consfigurator";
import { chroot } from "consfigurator/connections/chroot";
import { setuid } from "consfigurator/connections/setuid";
import { su } from "consfigurator/connections/su";
import { sudo } from "consfigurator/connections/sudo";
import { z } from "zod";

const none = z.tuple([]);
const text = z.tuple([z.string()]);
const touched = posixProperty<[file: string]>("sub.touched", {
  args: text,
  check: (on, file) => on.exists(file),
  apply: async (on, file) => {
    await on.run(sh\`touch \${file}\`);
    return "changed";
  },
});
const says = posixProperty<[text: string]>("sub.says", {
  args: text,
  apply: async (on, text) => {
    on.inform("said: " + text);
    return "unchanged";
  },
});
const ends = posixProperty<[name: string]>("sub.ends", {
  args: text,
  apply: async (on, name) => {
    on.atEnd(async (host, outcome) => host.inform(\`said: \${name} \${outcome}\`));
    return "changed";
  },
});
const endsHere = nodeProperty<[]>("sub.endsHere", {
  args: none,
  apply: async (on) => {
    on.inform(\`said: \${process.pid}\`);
    on.atEnd(async (host) => host.inform(\`said: \${process.pid}\`));
    return "changed";
  },
});
const fails = posixProperty<[]>("sub.fails", {
  args: none,
  apply: () => Promise.reject(new FailedChange("it failed")),
});
const who = posixProperty<[]>("sub.who", {
  args: none,
  apply: async (on) => {
    on.inform("said: " + (await on.query(sh\`id -un\`)).stdout.trim());
    return "unchanged";
  },
});
const reads = posixProperty<[iden2: string, declared: boolean]>("sub.reads", {
  args: z.tuple([z.string(), z.boolean()]),
  hostattrs: (attrs, iden2, declared) => { if (declared) attrs.requireData("_sub", iden2); },
  apply: async (on, iden2) => {
    await on.data("_sub", iden2);
    return "changed";
  },
});
const note = hostattr("sub.note", z.string());
const noted = posixProperty<[text: string]>("sub.noted", {
  args: text,
  hostattrs: (attrs, text) => attrs.push(note, text),
});
const knows = posixProperty<[]>("sub.knows", {
  args: none,
  apply: async (on) => {
    const notes = [on.attrs, on.attrs.parent].map((attrs) => attrs?.get(note).join());
    on.inform(\`said: \${on.attrs.hostname} \${notes.join(" in ")}\`);
    return "unchanged";
  },
});
const contains = propSpec("sub.contains", "posix", {
  args: none,
  props: (attrs) => [deploys([tree], childHost(attrs, {}, noted("inner"), knows()))],
});

const tree = chroot("/srv/x");
const inner = (...props) => host("inner.example.com", ...props);
export const triggering = host("outer.example.com",
  onChange(deploys([tree], inner(touched("/inside"))), touched("/root/told")));
export const triggered = host("outer.example.com",
  onChange(touched("/root/trigger"), deploys([tree], inner(touched("/inside"), says("deployed")))));
export const failing = host("outer.example.com",
  onChange(deploys([tree], inner(fails(), touched("/inside"))), touched("/root/told")));
export const ending = host("outer.example.com",
  ends("outer"),
  deploys([tree], inner(ends("one"), says("a"), ends("two"), says("b"))),
  says("after"));
export const broken = host("outer.example.com",
  ends("outer"),
  deploysThese([tree], inner(), ends("one"), fails()),
  says("after"));
export const there = host("outer.example.com", endsHere(), deploys([tree], inner(endsHere())));
export const declaring = host("outer.example.com",
  reads("outer", true),
  deploys([tree], inner(reads("inner", true))),
  over([setuid("alice")], reads("deeper", true)),
  reads("inner", false));
export const curiousInside = host("outer.example.com",
  reads("outer", true), deploys([tree], inner(reads("inner", true), reads("outer", false))));
export const curiousBeyond = host("outer.example.com",
  reads("outer", true), over([setuid("alice")], reads("outer", false)));
export const asking = host("outer.example.com",
  deploys([su("alice"), sudo({ passwordOf: "alice" })], inner(who())),
  over([su("alice"), sudo({ passwordOf: "alice" })], who()));
export const containing = host("outer.example.com", noted("outer"), contains(), knows());
`;

describe("a host inside another", { skip: testbedUnavailable() ?? false }, () => {
  let place: Place;
  let hosts: Readonly<Record<string, Host>>;
  /** What the source of data was asked for. */
  const asked: string[] = [];

  before(async () => {
    place = await Place.open();
    place.installNode();
    hosts = await place.load(consfig);
    registerDataSource({
      description: "the spec's own",
      version: async () => "1",
      read: async (iden1, iden2) => {
        asked.push(`${iden1} ${iden2}`);
        return Buffer.from(iden1.startsWith("--user-passwd") ? place.bed.alicePassword : "data");
      },
    });
  });
  after(async () => {
    resetDataSources();
    await place?.close();
  });

  const onHost = (...names: readonly string[]) => path.join(place.bed.host(0).root, ...names);
  const shell = async (text: string) => (await place.bed.host(0).shell(text)).stdout.trim();
  const chains: [name: string, chain: () => Chain][] = [
    ["ssh", () => [place.ssh()]],
    ["ssh → node", () => [place.ssh(), node()]],
  ];

  beforeEach(async () => {
    asked.length = 0;
    const tree = busyboxTree({ proc: {}, sys: {}, dev: {}, tmp: {}, run: {} });
    await shell(
      "rm -rf --one-file-system /srv/x /root/told /root/trigger .cache/consfigurator/data",
    );
    execFileSync("cp", ["-a", tree, onHost("srv/x")]);
    removeTree(tree);
  });

  const said = ({ informed }: Told) =>
    informed.flatMap((text) => (text.startsWith("said: ") ? [text.slice("said: ".length)] : []));
  const failed = ({ report }: Told) =>
    report.failures.map(({ item, error }) => `${item.desc}: ${error.message}`);

  async function deployed(chain: Chain, host: Host | undefined): Promise<Told> {
    const result = await told(chain, host);
    assert.equal(result.report.error, undefined);
    return result;
  }

  for (const [name, chain] of chains) {
    describe(`over ${name}`, () => {
      test("its change is one of the whole, which others may follow", async () => {
        const first = await deployed(chain(), hosts.triggering);
        assert.deepEqual(failed(first), []);
        assert.deepEqual(
          [existsSync(onHost("srv/x/inside")), existsSync(onHost("root/told"))],
          [true, true],
        );
        await shell("rm /root/told");
        const second = await deployed(chain(), hosts.triggering);
        assert.deepEqual([failed(second), second.report.changed], [[], false]);
        assert.equal(existsSync(onHost("root/told")), false);
      });

      test("it may itself follow a change, and is not reached without one", async () => {
        const first = await deployed(chain(), hosts.triggered);
        assert.deepEqual([failed(first), said(first)], [[], ["deployed"]]);
        await shell("rm /srv/x/inside");
        const second = await deployed(chain(), hosts.triggered);
        assert.deepEqual([second.report.changed, said(second)], [false, []]);
        assert.equal(existsSync(onHost("srv/x/inside")), false);
        const endings = second.events.flatMap((event) =>
          event.type === "ended" && event.ending.outcome === "notReached" ? [event.ending] : [],
        );
        assert.deepEqual(
          endings.map(({ needed }) => needed),
          [false, false],
        );
      });

      test("what fails in it is a failure of the whole, and what has changed a change", async () => {
        const result = await deployed(chain(), hosts.failing);
        assert.deepEqual(failed(result), ["sub.fails: it failed"]);
        const [failure] = result.report.failures;
        assert.equal(failure?.error.facts.chain, `${result.report.chain} → chroot /srv/x`);
        assert.equal(existsSync(onHost("root/told")), true);
      });

      test("what is to be done at its end is done at its end", async () => {
        const result = await deployed(chain(), hosts.ending);
        const order = ["a", "b", "two changed", "one changed", "after", "outer changed"];
        assert.deepEqual([failed(result), said(result)], [[], order]);
      });

      test("what is to be done at its end is not, if it breaks off", async () => {
        const result = await deployed(chain(), hosts.broken);
        assert.deepEqual(failed(result), ["sub.fails: it failed"]);
        assert.deepEqual(said(result), ["after", "outer changed"]);
      });

      test("data is given to those that declare it, and to those around them", async () => {
        const result = await deployed(chain(), hosts.declaring);
        assert.deepEqual(failed(result), []);
        assert.deepEqual(asked, ["_sub outer", "_sub inner", "_sub deeper"]);
        const kept = await shell("find / -xdev -path '*consfigurator/data/*' -type f | sort");
        const data = name === "ssh" ? [] : ["deeper", "inner", "outer"];
        const whose = "/root/.cache/consfigurator/data/_5F_sub";
        assert.deepEqual(
          kept.match(/\S+/g) ?? [],
          data.map((iden2) => `${whose}/${iden2}/1`),
        );
      });

      test("data that only those around it declare is not for it", async () => {
        for (const [host, expected] of [
          [hosts.curiousInside, ["_sub outer", "_sub inner"]],
          [hosts.curiousBeyond, ["_sub outer"]],
        ] as const) {
          asked.length = 0;
          const { report } = await told(chain(), host);
          assert.match(String(report.error), /\(_sub, outer\) is not declared for this host/);
          assert.deepEqual(asked, expected);
        }
      });

      test("its hops have their passwords", async () => {
        const result = await deployed(chain(), hosts.asking);
        assert.deepEqual([failed(result), said(result)], [[], ["root", "root"]]);
        assert.deepEqual(asked, [
          "--user-passwd--inner.example.com alice",
          "--user-passwd--outer.example.com alice",
        ]);
        const { alicePassword } = place.bed;
        assert.equal(await shell(`grep -rl ${alicePassword} /root /home /tmp /srv`), "");
      });

      test("it knows what is said of the host around it, which knows nothing of it", async () => {
        const result = await deployed(chain(), hosts.containing);
        assert.deepEqual(failed(result), []);
        const name = "outer.example.com";
        assert.deepEqual(said(result), [`${name} inner in outer`, `${name} outer in `]);
      });
    });
  }

  test("the process that applies it comes to its end", async () => {
    const result = await deployed([place.ssh(), node()], hosts.there);
    assert.deepEqual(failed(result), []);
    const [outer, inner, ...ended] = said(result);
    assert.notEqual(outer, inner);
    assert.deepEqual(ended, [inner, outer]);
  });
});
