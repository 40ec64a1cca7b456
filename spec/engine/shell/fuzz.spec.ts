/** A host that says anything: everybody is answered, with errors of this system and no others. */
import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { after, test } from "node:test";
import { ConsfigError } from "../../../engine/base/errors.js";
import { Secret } from "../../../engine/base/secret.js";
import type { ByteStream, StreamEnd } from "../../../engine/model/byteStream.js";
import { greeting } from "../../../engine/shell/program.js";
import { openShell } from "../../../engine/shell/session.js";
import fc from "../../helpers/seeded.js";

const unexpected: unknown[] = [];
const note = (reason: unknown) => unexpected.push(reason);
process.on("unhandledRejection", note);
process.on("uncaughtException", note);
after(() => {
  process.off("unhandledRejection", note);
  process.off("uncaughtException", note);
  assert.deepEqual(unexpected, []);
});

/** A stream to a host that is played by the spec. */
class FakeHost implements ByteStream {
  readonly stdin = new PassThrough();
  readonly stdout = new PassThrough();
  readonly stderr = new PassThrough();
  readonly ended: Promise<StreamEnd>;
  end!: (end: StreamEnd) => void;
  sent = "";

  constructor() {
    this.ended = new Promise((resolve) => {
      this.end = (end) => {
        this.stdout.end();
        this.stderr.end();
        resolve(end);
      };
    });
    this.stdin.on("data", (bytes) => {
      this.sent += bytes;
    });
    this.stdin.once("finish", () => this.end({ exitCode: 0 }));
  }

  destroy(): void {
    this.stdin.destroy();
    this.end({});
  }

  /** The nonce, as soon as it has been sent. */
  get nonce(): string {
    return this.sent.slice(0, 32);
  }
}

/** Something the host says: NONCE stands for the nonce. */
const saying = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc
    .record({
      letter: fc.constantFrom(..."HSPCEBZKX"),
      fields: fc.array(
        fc.oneof(
          { weight: 5, arbitrary: fc.constantFrom("1", "2", "3", "0", "4242") },
          fc.string({ maxLength: 8 }),
          fc.constantFrom("-1", "99999999999", "cwd", "stdin", "x".repeat(600)),
        ),
        { maxLength: 3 },
      ),
    })
    .map(({ letter, fields }) => `NONCE:${[letter, ...fields].join(":")}\n`),
  fc.constantFrom("NONCE:", "NONC", `${greeting}\n`, "[prompt] ", "\n", "NONCE:S:1\n"),
);
const talk = fc.array(fc.tuple(fc.constantFrom("stdout", "stderr"), saying), { maxLength: 14 });
/** How a conversation that goes well goes on: most talks are to get that far. */
const beginning = fc.constantFrom(
  [],
  ["NONCE:S:1\n", "NONCE:P:1:42\n"],
  ["NONCE:S:1\nNONCE:P:1:42\nxNONCE:E:1:0\n", "NONCE:S:2\n"],
);

async function settled(work: Promise<unknown>): Promise<void> {
  await work.then(
    () => {},
    (error) => assert.ok(error instanceof ConsfigError, String(error)),
  );
}

const tick = () => new Promise((resolve) => setImmediate(resolve));

test("on the way in", async () => {
  await fc.assert(
    fc.asyncProperty(talk, fc.boolean(), async (sayings, asks) => {
      const host = new FakeHost();
      const prompts = asks ? [{ text: "[prompt] ", answer: new Secret("x") }] : [];
      const opening = settled(openShell(host, { description: "fake", prompts }));
      await tick();
      for (const [stream, text] of sayings) {
        host[stream as "stdout"].write(text.replaceAll("NONCE", host.nonce));
        await tick();
      }
      host.end({ exitCode: 1 });
      await opening;
    }),
    { numRuns: 4000 },
  );
});

test("while commands run", async () => {
  await fc.assert(
    fc.asyncProperty(beginning, talk, async (first, sayings) => {
      const host = new FakeHost();
      const opening = openShell(host, { description: "fake" });
      await tick();
      host.stdout.write(`${host.nonce}:H:4242\n`);
      const session = await opening;
      const aborter = new AbortController();
      const runs = [
        session.exec(["a"], {
          looks: true,
          signal: aborter.signal,
          onOutput: () => tick() as Promise<void>,
        }),
        session.exec(["b"], { looks: true, stdin: "x".repeat(100_000) }),
        session.exec(["c"], { looks: false, timeoutMs: 1, cwd: "/x" }),
      ].map(settled);
      await tick();
      for (const text of first) host.stdout.write(text.replaceAll("NONCE", host.nonce));
      for (const [stream, text] of sayings) {
        host[stream as "stdout"].write(text.replaceAll("NONCE", host.nonce));
        if (text.length % 5 === 0) await tick();
        if (text.length % 17 === 0) aborter.abort();
      }
      host.end({});
      await Promise.all([...runs, session.ended, session.close()]);
    }),
    { numRuns: 6000 },
  );
});

test("a flood that belongs to nothing is not kept", async () => {
  const host = new FakeHost();
  const opening = openShell(host, { description: "fake" });
  await tick();
  host.stdout.write(`${host.nonce}:H:4242\n`);
  const session = await opening;
  const before = process.memoryUsage().rss;
  const portion = Buffer.alloc(1024 * 1024, host.nonce.slice(0, 31));
  for (let count = 0; count < 300; count++) {
    for (const stream of [host.stdout, host.stderr]) {
      if (!stream.write(portion)) await new Promise((resolve) => stream.once("drain", resolve));
    }
  }
  const growth = (process.memoryUsage().rss - before) / 1024 / 1024;
  assert.ok(growth < 64, `${growth} MiB`);
  host.end({});
  await session.close();
});
