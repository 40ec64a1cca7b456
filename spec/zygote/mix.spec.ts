/**
 * Grandchildren that do what real ones do, several at a time, some nested, while the client is busy:
 * no wrong result, no hang, nothing left.
 */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { createHash, randomBytes, scrypt } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readFileSync, watch } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, get } from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { createGunzip, createGzip } from "node:zlib";
import { z } from "zod";
import { evalInGrandchild, form } from "../../zygote/index.js";
import { scenario } from "./scenario.js";

/** The part of the standard that the types of Node 20 leave out. */
declare const WebAssembly: {
  instantiate(bytes: Buffer): Promise<{ instance: { exports: { f(): number } } }>;
};

/** Each does a piece of work and says whether it came out right. */
const tasks: Record<string, () => boolean | Promise<boolean>> = {
  sync: () => createHash("sha256").update("x").digest("hex").startsWith("2d711642"),
  timers: async () => (await Promise.all([3, 1, 2].map((ms) => sleep(ms, ms)))).join() === "3,1,2",
  spawn: async () => {
    const child = spawn("cat", { stdio: ["pipe", "pipe", "inherit"] });
    child.stdin.end("x".repeat(100_000));
    return (await child.stdout.toArray()).join("").length === 100_000;
  },
  spawnSync: () => execFileSync("echo", ["a"], { encoding: "utf8" }) === "a\n",
  files: async () => {
    const directory = await mkdtemp(path.join(os.tmpdir(), "mix-"));
    const bytes = randomBytes(200_000);
    await writeFile(path.join(directory, "a"), bytes);
    const same = bytes.equals(await readFile(path.join(directory, "a")));
    await rm(directory, { recursive: true });
    return same;
  },
  crypto: async () => ((await promisify(scrypt)("a", "b", 32)) as Buffer).length === 32,
  streams: async () => {
    const zip = createGzip();
    const unzip = createGunzip();
    const sum = createHash("md5");
    zip.end("y".repeat(300_000));
    await pipeline(zip, unzip, sum);
    return sum.digest().length === 16;
  },
  wasm: async () => {
    // (func (export "f") (result i32) i32.const 42)
    const hex = "0061736d010000000105016000017f03020100070501016600000a06010400412a0b";
    const { instance } = await WebAssembly.instantiate(Buffer.from(hex, "hex"));
    return instance.exports.f() === 42;
  },
  http: async () => {
    const server = createServer((_request, response) => response.end("hello")).listen(
      0,
      "127.0.0.1",
    );
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const [response] = await once(get({ port, host: "127.0.0.1", agent: false }), "response");
    const text = (await response.toArray()).join("");
    const fetched = await (await fetch(`http://127.0.0.1:${port}/`)).text();
    server.closeAllConnections();
    server.close();
    return text + fetched === "hellohello";
  },
  watch: async () => {
    const directory = await mkdtemp(path.join(os.tmpdir(), "mix-"));
    const watcher = watch(directory);
    const seen = once(watcher, "change");
    await writeFile(path.join(directory, "b"), "");
    await seen;
    watcher.close();
    await rm(directory, { recursive: true });
    return true;
  },
  import: async () =>
    typeof (await import("node:readline/promises")).createInterface === "function",
  jit: () => {
    let sum = 0;
    const add = (a: number, b: number) => a + b;
    for (let i = 0; i < 2_000_000; i++) sum = add(sum, i % 7);
    return sum === 5_999_995;
  },
  garbage: async () => {
    let kept: object[] = [];
    for (let i = 0; i < 20; i++) {
      kept = Array.from({ length: 20_000 }, (_, n) => ({ n, text: `${i}.${n}` }));
      await sleep(0);
    }
    return kept.length === 20_000;
  },
  output: () => process.stdout.write("z".repeat(500_000)) || true,
};

const names = Object.keys(tasks);
const mix = form("mix.mix", {
  args: z.tuple([z.array(z.string()), z.number()]),
  evaluate: async (chosen, levels): Promise<string[]> => {
    const wrong: string[] = [];
    await Promise.all(
      chosen.map(async (name) => {
        if (!(await tasks[name]?.())) wrong.push(name);
      }),
    );
    if (levels === 0) return wrong;
    const { value, ended, stderr } = await evalInGrandchild(null, mix(chosen, levels - 1));
    return [...wrong, ...(value ?? [`nested ${ended} ${stderr}`])];
  },
});

/** The memory that a process has to itself. */
function privateKb(pid: number): number {
  return Number(/RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1]);
}

const total = Number(process.env.CONFSIG_GRANDCHILDREN ?? 1000);

await scenario(import.meta.url, ["forked"], {
  [`${total} grandchildren`]: async (zygote) => {
    const options = { timeoutMs: 30_000 };
    // What is made once, by the first request, is no leak.
    await evalInGrandchild(null, mix(["sync"], 1), options);
    const descriptors = () => readdirSync("/proc/self/fd").length;
    // A zygote's are nobody's to see but uid 0's, as its memory is.
    const zygoteDescriptors = () =>
      process.getuid?.() === 0 ? readdirSync(`/proc/${zygote.pid}/fd`).length : 0;
    await sleep(100);
    const before = [descriptors(), zygoteDescriptors()];
    const memory = privateKb(zygote.pid as number);
    let made = 0;
    let round = 0;
    const failures: string[] = [];
    const isBusy = setInterval(() => createHash("sha256").update(randomBytes(100_000)).digest(), 5);
    await Promise.all(
      Array.from({ length: 4 }, async () => {
        while (made < total) {
          const levels = round % 3;
          const chosen = [0, 5, 11].map(
            (step) => names[(round * 3 + step) % names.length] as string,
          );
          round++;
          made += levels + 1;
          const outcome = await evalInGrandchild(null, mix(chosen, levels), options);
          if (outcome.ended === "returned" && outcome.value?.length === 0) continue;
          failures.push(`${chosen} ${levels}: ${outcome.ended} ${outcome.value} ${outcome.stderr}`);
        }
      }),
    );
    clearInterval(isBusy);
    assert.deepEqual(failures, []);
    await sleep(300);
    assert.deepEqual([descriptors(), zygoteDescriptors()], before);
    const grown = privateKb(zygote.pid as number) - memory;
    assert.ok(grown < 1000, `the zygote has grown by ${grown} KB`);
  },
});
