/** Properties applied by a Node image on a real host, reported here. */
import assert from "node:assert/strict";
import { mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { local } from "../../../connections/local/index.js";
import { node } from "../../../connections/node/index.js";
import { su } from "../../../connections/su/index.js";
import { sudo } from "../../../connections/sudo/index.js";
import {
  Cancelled,
  type Chain,
  HopFailed,
  type Host,
  hopType,
  InvalidConsfig,
  isError,
  resetDataSources,
} from "../../../engine/index.js";
import { setModules } from "../../../engine/modules/requirements.js";
import { supply } from "../../helpers/dataSource.js";
import { testbedUnavailable } from "../../testbed/index.js";
import { bytesSent, cache, Place, told } from "./place.js";

/** The environment is another account's, as `sudo -E` and the like leave it. */
const keepsHome = hopType<"posix", []>("image.keepsHome", {
  gives: "posix",
  args: z.tuple([]),
  desc: () => "keeps HOME",
  wrap: async (_context, shell) => ({ words: ["env", "HOME=/home/alice", ...shell] }),
});

const consfig = `
import { z } from "zod";
import { readFileSync, writeFileSync } from "node:fs";
import inspector from "node:inspector";
import {
  dataAttr, deploys, evalInGrandchild, FailedChange, form, host, inOrder, nodeProperty, onChange, posixProperty,
} from "consfigurator";
import { local } from "consfigurator/connections/local";
import { node } from "consfigurator/connections/node";
import { su } from "consfigurator/connections/su";
import * as file from "consfigurator/properties/file";

const args = z.tuple([]);
const text = z.tuple([z.string()]);
const who = nodeProperty<[]>("image.who", {
  args,
  apply: async (on) => {
    on.inform(\`\${process.getuid?.()} \${process.env.HOME} \${Object.keys(process.env).sort()}\`);
    return "unchanged";
  },
});
const isPrivate = nodeProperty<[]>("image.isPrivate", {
  args,
  apply: async (on) => {
    process.kill(process.pid, "SIGUSR1");
    await new Promise((resolve) => setTimeout(resolve, 300));
    const [core = ""] = /^Max core file size.*$/m.exec(readFileSync("/proc/self/limits", "latin1")) ?? [];
    on.inform(\`\${core.replace(/ +/g, " ")}, debugger \${inspector.url()}\`);
    return "unchanged";
  },
});
const ran = posixProperty<[text: string]>("image.ran", {
  args: text,
  apply: async (on, text) => {
    on.inform((await on.run(["sh", "-c", text])).stdout.trim());
    return "changed";
  },
});
const atEnd = posixProperty<[]>("image.atEnd", {
  args,
  apply: async (on) => {
    on.atEnd(async (host) => host.inform("at the end"));
    return "changed";
  },
});
const fails = nodeProperty<[]>("image.fails", {
  args,
  apply: () => Promise.reject(new FailedChange("it \\u001b[31mfailed", { hint: "mend it", exitCode: 3 })),
});
class Größe extends FailedChange {
  static code = "myDisk80";
}
const odd = nodeProperty<[]>("image.odd", {
  args,
  desc: () => "d".repeat(200_000),
  apply: (on) => {
    on.inform("x".repeat(200_000));
    on.inform("\u{1f600}".slice(0, 1));
    return Promise.reject(new Größe("m".repeat(200_000), { ["k".repeat(300)]: "\ud83d" }));
  },
});
const needs = nodeProperty<[iden: string, declared: boolean]>("image.needs", {
  args: z.tuple([z.string(), z.boolean()]),
  hostattrs: (attrs, iden, declared) => { if (declared) attrs.pushNew(dataAttr, ["_image", iden]); },
  apply: async (on, iden) => {
    on.inform(\`\${(await on.data("_image", iden)).content.length} bytes\`);
    return "changed";
  },
});
const pid = form("image.pid", { args, evaluate: () => process.pid });
const forks = nodeProperty<[]>("image.forks", {
  args,
  apply: async (on) => {
    console.log("a stray print");
    const { value } = await evalInGrandchild(null, pid());
    on.inform(value === process.pid ? "the same process" : "another process");
    return "unchanged";
  },
});
export const whoever = host("whoever", who(), forks());
export const both = host("both",
  onChange(file.hasContent("/etc/made", ["by consfig"]), ran("echo reloaded")), atEnd());
export const failing = host("failing", fails(), ran("echo after"));
export const unusual = host("unusual", odd(), ran("echo after"));
export const knowing = host("knowing", needs("secret", true));
export const curious = host("curious", needs("secret", false));
export const nested = host("nested", deploys([su("alice")], host("inner", ran("id -un"))));
export const deeper = host("deeper", deploys([su("alice"), node()], host("inner", who())));
export const slow = host("slow", ran("echo one"), ran("sleep 3; echo two"));
export const hundred = host("hundred",
  ...Array.from({ length: 100 }, (_, i) => file.hasContent(\`/srv/f\${i}\`, [\`\${i}\`])));
export const secluded = host("secluded", isPrivate());
export const edited = host("edited", ran("echo version 1"));
`;

const scratchHome = path.join(tmpdir(), "home");
const ownHome = process.env.HOME;

describe("a Node image", { skip: testbedUnavailable() ?? false }, () => {
  let place: Place;
  let hosts: Readonly<Record<string, Host>>;

  before(async () => {
    place = await Place.open();
    place.installNode();
    // Where this machine's own image keeps its modules.
    mkdirSync(scratchHome);
    process.env.HOME = scratchHome;
    hosts = await place.load(consfig);
  });
  after(async () => {
    process.env.HOME = ownHome;
    rmSync(scratchHome, { recursive: true });
    await place?.close();
  });

  const ends: [name: string, chain: () => Chain, who: string][] = [
    ["ssh", () => [place.ssh(), node()], "0 /root"],
    ["ssh → sudo", () => [place.ssh("admin"), sudo(), node()], "0 /root"],
    ["ssh as a user", () => [place.ssh("admin"), node()], "1000 /home/admin"],
    ["ssh → su", () => [place.ssh(), su("alice"), node()], "1001 /home/alice"],
    ["a hop that keeps HOME", () => [place.ssh(), keepsHome(), node()], "0 /root"],
    ["a noisy login shell", () => [place.ssh("noisy"), sudo(), node()], "0 /root"],
    ["local", () => [local(), node()], `0 ${scratchHome}`],
  ];
  for (const [name, chain, expected] of ends) {
    test(`at the end of ${name}: its account, environment and zygote`, async () => {
      const { report, said, events } = await told(chain(), hosts.whoever);
      assert.equal(report.error, undefined);
      assert.deepEqual(report.failures, []);
      assert.deepEqual(said, [`${expected} HOME,LANG,PATH,UV_USE_IO_URING`, "another process"]);
      const printed = events.filter((event) => event.type === "inform" && event.level === 2);
      assert.match(JSON.stringify(printed), /a stray print/);
    });
  }

  test("applies both kinds, what others ask for, and what is left for the end; then nothing", async () => {
    const chain = [place.ssh(), node()];
    const first = await told(chain, hosts.both);
    assert.equal(first.report.error, undefined);
    assert.deepEqual(first.said, ["reloaded", "at the end"]);
    assert.equal((await place.bed.host(0).shell("cat /etc/made")).stdout, "by consfig\n");
    const second = await told(chain, hosts.both);
    assert.equal(second.report.counts.changed, 1, "what always changes");
    assert.equal(bytesSent(second), 0);
  });

  test("applies 100 properties in few round trips, whether they change anything or not", async () => {
    const chain = [place.ssh("admin"), sudo(), node()];
    for (const changed of [100, 0]) {
      const { report } = await told(chain, hosts.hundred);
      assert.equal(report.counts.changed, changed);
      const { roundTrips = Number.NaN, bytesSent = 0 } = report.traffic ?? {};
      assert.ok(roundTrips <= 6, `${roundTrips} round trips`);
      assert.ok(bytesSent > 10_000, "the order is counted");
    }
  });

  test("tells an error with its class, facts, place and hint", async () => {
    const { report } = await told([place.ssh(), node()], hosts.failing);
    assert.equal(report.counts.failed, 1);
    const [{ error } = { error: undefined }] = report.failures;
    assert.deepEqual([error?.code, error?.hint, error?.facts.exitCode], ["E_FAILED", "mend it", 3]);
    assert.equal(error?.message, "it \\x1b[31mfailed");
    assert.match(String(error?.facts.at), /consfig\.ts:\d+/);
    assert.equal(report.counts.changed, 1, "what follows is applied");
  });

  test("tells what consfigs may say, whatever it is", async () => {
    const { report, said } = await told([place.ssh(), node()], hosts.unusual);
    assert.equal(report.error, undefined);
    const [{ error } = { error: undefined }] = report.failures;
    assert.deepEqual([error?.code, error?.name], ["myDisk80", "Größe"]);
    assert.deepEqual(said.slice(1), ["\ufffd", "after"]);
    assert.equal(report.counts.changed, 1, "what follows is applied");
  });

  test("is given the data that are declared, and no other", async () => {
    const asked = supply("do not tell");
    const declared = await told([place.ssh(), node()], hosts.knowing);
    assert.deepEqual(declared.said, ["11 bytes"]);
    const { report } = await told([place.ssh(), node()], hosts.curious);
    assert.equal(report.counts.failed, 1);
    assert.deepEqual(asked, ["_image,secret"]);
    resetDataSources();
  });

  test("deploys other hosts itself", async () => {
    const { report, informed } = await told([place.ssh(), node()], hosts.nested);
    assert.equal(report.error, undefined);
    assert.equal(informed.at(-1), "alice");
  });

  test("starts other images itself, of the same modules", async () => {
    const { report, informed } = await told([place.ssh(), node()], hosts.deeper);
    assert.equal(report.error, undefined);
    assert.deepEqual(report.failures, []);
    assert.match(informed.at(-1) ?? "", /^1001 \/home\/alice /);
  });

  test("needs an account that can keep modules", async () => {
    const { report } = await told([place.ssh(), su("nobody"), node()], hosts.whoever);
    assert.ok(isError(report.error, HopFailed), String(report.error));
    assert.match(report.error.message, /modules cannot be kept there/);
    assert.match(report.error.hint ?? "", /home directory/);
  });

  test("tells everything as it happens", async () => {
    const times: number[] = [];
    await told([place.ssh(), node()], hosts.slow, {
      listener: (event) => {
        if (event.type === "ended") times.push(performance.now());
      },
    });
    const [one = 0, two = 0] = times;
    assert.ok(two - one > 2500, `${two - one} ms between what was 3 s apart`);
  });

  test("is sent little when a line of the consfig has changed", async () => {
    await place.change(consfig.replace("echo version 1", "echo version 2"));
    const changed = await told([place.ssh(), node()], hosts.edited);
    assert.equal(changed.report.error, undefined);
    assert.ok(bytesSent(changed) > 0 && bytesSent(changed) < 20_000, `${bytesSent(changed)} bytes`);
    // What is applied is what was loaded here; the host must only know the properties' code.
    assert.equal(changed.informed.at(-1), "version 1");
    assert.equal(bytesSent(await told([place.ssh(), node()], hosts.edited)), 0);
  });

  test("is not begun when the consfig does not compile, or lacks a module", async () => {
    for (const line of ["const = 1;", 'import "./nowhere.js";']) {
      await place.change(`${consfig}\n${line}\n`);
      const running = told([place.ssh(), node()], hosts.edited);
      await assert.rejects(running, (error) => isError(error, InvalidConsfig));
    }
    await place.change(consfig);
  });

  test("is cancelled while its modules are made", async () => {
    const controller = new AbortController();
    setModules(() => {
      controller.abort();
      return Promise.reject(new Error("The service was stopped"));
    });
    const { report } = await told([local(), node()], hosts.edited, { signal: controller.signal });
    await place.change(consfig);
    assert.ok(isError(report.error, Cancelled), String(report.error));
  });

  test("whose code throws while it is loaded is told with what it threw", async () => {
    await place.change(`${consfig}\nthrow new Error("not on this host");\n`);
    const { report } = await told([place.ssh(), node()], hosts.edited);
    await place.change(consfig);
    assert.ok(isError(report.error, HopFailed), String(report.error));
    assert.match(report.error.message, /modules do not load/);
    assert.match(String(report.error?.facts.output), /not on this host/);
    assert.match(String(report.error?.facts.output), /consfig\.ts:\d+/);
  });

  test("is sent again what has been changed on the host", async () => {
    const files = `/root/${cache}/modules/*.cjs`;
    await place.bed.host(0).shell(`for f in ${files}; do tr a b <$f >/tmp/x; cat /tmp/x >$f; done`);
    const again = await told([place.ssh(), node()], hosts.edited);
    assert.equal(again.report.error, undefined);
    assert.ok(bytesSent(again) > 1_000_000);
  });

  test("dumps no core, and opens no debugger", async () => {
    const { said } = await told([place.ssh(), node()], hosts.secluded);
    assert.match(said.join(), /^Max core file size 0 .*, debugger undefined$/);
  });

  test("leaves nothing running", async () => {
    await sleep(500);
    const { stdout } = await place.bed
      .host(0)
      .shell("pgrep -fa '[s]ingle-threaded|[c]onsfig-hello'");
    assert.equal(stdout, "");
  });
});
