/** Modules loaded, zygote forked, request read: in this order, so no zygote has seen any request. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { node } from "../../../connections/node/index.js";
import { type Host, resetDataSources } from "../../../engine/index.js";
import { supply } from "../../helpers/dataSource.js";
import { inMemory } from "../../promises/scan.js";
import { testbedUnavailable } from "../../testbed/index.js";
import { Place, told } from "./place.js";

const inRequest = "needle-of-the-request-4711";
const inData = "needle-of-the-data-4712";

const consfig = `
import { z } from "zod";
import { dataAttr, evalInGrandchild, form, host, nodeProperty } from "consfigurator";
const idle = form("order.idle", { args: z.tuple([]), evaluate: () => new Promise((done) => setTimeout(done, 3000)) });
const waits = nodeProperty<[text: string]>("order.waits", {
  args: z.tuple([z.string()]),
  hostattrs: (attrs) => attrs.pushNew(dataAttr, ["_order", "secret"]),
  apply: async (on, text) => {
    const { content } = await on.data("_order", "secret");
    on.inform(\`ready \${process.pid}\`);
    await evalInGrandchild(null, idle());
    return text.length + content.length > 0 ? "unchanged" : "changed";
  },
});
// What the consfig says is in every process that has loaded it; this only in the root process.
export const it = host("it", waits(process.env.ORDER_SPEC ?? "nothing"));
`;

describe("what the processes of a deployment know", { skip: testbedUnavailable() ?? false }, () => {
  let place: Place;
  let it: Host | undefined;

  before(async () => {
    place = await Place.open();
    place.installNode();
    process.env.ORDER_SPEC = inRequest;
    it = (await place.load(consfig)).it;
    delete process.env.ORDER_SPEC;
    supply(inData);
  });
  after(async () => {
    resetDataSources();
    await place?.close();
  });

  test("the image its order, its zygote and grandchildren nothing of it", async () => {
    const found: (readonly [role: string, request: boolean, data: boolean])[] = [];
    const { report } = await told([place.ssh(), node()], it, {
      listener: (event) => {
        if (event.type !== "inform" || !event.text.startsWith("ready")) return;
        // Until the grandchild is there.
        setTimeout(() => found.push(...looked(place.bed.host(0).pid)), 1000);
      },
    });
    assert.equal(report.error, undefined);
    assert.deepEqual(found[0], ["image", true, true], "the positive control");
    const others = found.slice(1);
    assert.ok(others.length >= 2, "the zygote and a grandchild");
    for (const one of others) assert.deepEqual(one, ["copy", false, false]);
  });
});

/** What the images and their copies have in memory, on the host whose first process that is. */
function looked(init: number): readonly (readonly [string, boolean, boolean])[] {
  const host = readlinkSync(`/proc/${init}/ns/mnt`);
  const pids = readdirSync("/proc").filter((pid) => /^\d+$/.test(pid) && isImageOn(pid, host));
  const first = pids.find((pid) => !pids.includes(parentOf(pid)));
  const order = [first ?? "", ...pids.filter((pid) => pid !== first)];
  return order.map((pid) => {
    const has = inMemory(Number(pid), { inRequest, inData });
    const role = pid === first ? "image" : "copy";
    return [role, has.includes("inRequest"), has.includes("inData")] as const;
  });
}

function isImageOn(pid: string, host: string): boolean {
  try {
    return (
      readlinkSync(`/proc/${pid}/ns/mnt`) === host &&
      readFileSync(`/proc/${pid}/cmdline`, "latin1").includes("--single-threaded")
    );
  } catch {
    return false; // ended meanwhile
  }
}

function parentOf(pid: string): string {
  try {
    return /^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? "";
  } catch {
    return ""; // ended meanwhile
  }
}
