/** What every shell has to do for a session: commands, their input and their surroundings. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { FileFailed, InvalidArgument, isError } from "../../../engine/base/errors.js";
import { Secret } from "../../../engine/base/secret.js";
import type { ShellSession } from "../../../engine/shell/session.js";
import fc from "../../helpers/seeded.js";
import { changes, looks, onEveryShell, session, temporary } from "./helpers/shells.js";

const kinds = { looks, changes };
const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
const inputs: Record<string, Uint8Array | string> = {
  nothing: "",
  "one NUL byte": "\0",
  "every byte": everyByte,
  "what looks like escapes": "\\0101\\n%s%b\\c after\\",
  "no newline at the end": "a\nb",
  "blanks at both ends": "  \t x \n \t ",
  "8 KiB of text": "x".repeat(8192),
  "1 KiB of anything": Buffer.concat(Array.from({ length: 4 }, () => everyByte)),
  "15 KiB of anything": Buffer.concat(Array.from({ length: 60 }, () => everyByte)),
  "17 KiB": Buffer.concat(Array.from({ length: 68 }, () => everyByte)),
  "5 MiB": Buffer.alloc(5 * 1024 * 1024, "0123456789abcdef\n"),
};
const hostile = fc.string({
  unit: fc.constantFrom(
    ..."ab01'\"`$\\!*?[]{}()<>|&;#~=%- \t\n\r\x01\x7f/.:@,",
    "é",
    "語",
    "😀",
    "\u2028",
    "$()",
    "--",
  ),
  maxLength: 30,
});

onEveryShell((shell) => {
  let host: ShellSession;
  before(async () => {
    host = (await session(shell, { env: { HOME: "/nonsense" } })).session;
  });
  after(() => host.close());
  const text = async (words: readonly string[], options = {}) =>
    (await host.exec(words, { looks: true, ...options })).stdout.toString();

  for (const [kind, how] of Object.entries(kinds)) {
    test(`stdout and stderr are told apart (${kind})`, async () => {
      const result = await host.execText(
        "echo out; echo err >&2; printf more; printf less >&2",
        how,
      );
      assert.equal(result.stdout.toString(), "out\nmore");
      assert.equal(result.stderr.toString(), "err\nless");
      assert.deepEqual([result.exitCode, result.dropped], [0, 0]);
    });

    test(`every exit code (${kind})`, async () => {
      const codes = Array.from({ length: 256 }, (_, code) => code);
      const some = how.looks ? codes : codes.filter((code) => code % 32 < 2 || code > 253);
      const results = await Promise.all(some.map((code) => host.execText(`exit ${code}`, how)));
      assert.deepEqual(
        results.map(({ exitCode }) => exitCode),
        some,
      );
    });

    test(`signals (${kind})`, async () => {
      for (const signal of ["TERM", "KILL", "HUP", "USR1", "SEGV", "PIPE"] as const) {
        const result = await host.execText(`exec sh -c 'kill -s ${signal} "$$"'`, how);
        assert.equal(result.exitCode, 128 + os.constants.signals[`SIG${signal}`], signal);
        assert.equal(result.signal, `SIG${signal}`);
        assert.equal(result.stderr.toString(), "", signal);
      }
    });

    for (const [name, stdin] of Object.entries(inputs)) {
      test(`reads ${name} (${kind})`, async () => {
        const maxOutputBytes = 2 * Buffer.byteLength(stdin);
        const result = await host.exec(["cat"], { ...how, stdin, maxOutputBytes });
        assert.ok(result.stdout.equals(Buffer.from(stdin)));
        const sum = await host.exec(["sha256sum"], { ...how, stdin });
        const expected = createHash("sha256").update(stdin).digest("hex");
        assert.equal(sum.stdout.toString(), `${expected}  -\n`);
      });

      test(`does not read ${name} (${kind})`, async () => {
        const result = await host.execText("echo done", { ...how, stdin });
        assert.deepEqual([result.exitCode, result.stdout.toString()], [0, "done\n"]);
        assert.equal(result.stderr.toString(), "");
      });
    }

    test(`a secret as stdin (${kind})`, async () => {
      const result = await host.exec(["cat"], { ...how, stdin: new Secret("s3cret\n") });
      assert.equal(result.stdout.toString(), "s3cret\n");
    });

    test(`what is not given stdin has none (${kind})`, async () => {
      assert.equal((await host.exec(["cat"], how)).stdout.length, 0);
    });

    test(`output that looks like marks (${kind})`, async () => {
      const lines = ["consfig-hello", "0:E:1:0", `${"0".repeat(32)}:E:1:0`, ":S:2", "Q 1 x", "K"];
      const result = await host.exec(["printf", "%s\n", ...lines], how);
      assert.deepEqual(result.stdout.toString().split("\n"), [...lines, ""]);
    });

    test(`a directory that is not there (${kind})`, async () => {
      const place = temporary();
      for (const cwd of [`${place}/none`, "/etc/passwd", `${place}/a\nb`]) {
        const run = host.execText(`echo ran >${place}/ran`, { ...how, cwd });
        await assert.rejects(
          run,
          (error) => isError(error, FileFailed) && /cannot run/.test(String(error)),
        );
      }
      assert.ok(!fs.existsSync(`${place}/ran`), "it ran");
      assert.equal(await text(["echo", "usable"]), "usable\n");
    });

    test(`a directory with any name (${kind})`, async () => {
      const place = temporary();
      for (const name of ["a b", "-", "-P", "x\n", "'$(id)'", "ü\u2028"]) {
        fs.mkdirSync(path.join(place, name));
        const result = await host.execText("pwd -P", { ...how, cwd: path.join(place, name) });
        assert.equal(result.stdout.toString(), `${path.join(place, name)}\n`);
        const further = await host.execText(`cd ${place}; exec sh -c pwd`, { ...how, cwd: place });
        assert.equal(further.stdout.toString(), `${place}\n`);
      }
    });

    test(`variables of any content (${kind})`, async () => {
      const values = ["", "a\nb\n", "'", '"', "$(id) `id` $HOME", "-n", "é😀", "a  b", "\\n", "*"];
      for (const value of values) {
        const result = await host.exec(["sh", "-c", 'printf %s "$A"'], {
          ...how,
          env: { A: value },
        });
        assert.equal(result.stdout.toString(), value);
      }
    });

    test(`variables for one command alone, set and unset (${kind})`, async () => {
      const own = async (env: Record<string, string | undefined>) => {
        const lines = (await host.exec(["env"], { ...how, env })).stdout.toString().split("\n");
        return lines.filter((line) => /^(A|HOME|k|_c|_k)=/.test(line)).sort();
      };
      const home = `HOME=${os.userInfo().homedir}`;
      assert.deepEqual(await own({ A: "1", HOME: undefined, k: "2", _c: "3" }), [
        "A=1",
        "_c=3",
        "k=2",
      ]);
      assert.deepEqual(await own({}), [home]);
    });

    test(`variables are on no command line (${kind})`, async () => {
      const env = { A: "s3cret", _e: "too" };
      const own = await host.execText('echo "$A $_e"; cat /proc/$$/cmdline; :', { ...how, env });
      const [values, ...commandLine] = own.stdout.toString().split("\n");
      assert.equal(values, "s3cret too");
      assert.match(commandLine.join(), /sh\0-c/);
      assert.doesNotMatch(commandLine.join(), /s3cret/);
    });

    test(`a PATH that leads nowhere is for the command alone (${kind})`, async () => {
      const env = { PATH: "/nowhere" };
      const stdin = Buffer.alloc(20_000);
      const result = await host.execText("exit 7", { ...how, env, stdin });
      assert.deepEqual([result.exitCode, result.stderr.toString()], [7, ""]);
    });

    test(`a variable cannot have such a name (${kind})`, async () => {
      for (const name of ["A B", "A;id", "1", "", "A=B", "A\n"]) {
        await assert.rejects(
          host.exec(["true"], { ...how, env: { [name]: "1" } }),
          InvalidArgument,
        );
      }
    });

    test(`umask, home and working directory are known (${kind})`, async () => {
      const result = await host.execText('umask; echo "$HOME"; pwd', how);
      const home = os.userInfo().homedir;
      assert.match(result.stdout.toString(), new RegExp(`^0*22\n${home}\n${home}\n$`));
    });

    test(`what was left running does not print into later answers (${kind})`, async () => {
      await host.execText("{ sleep 0.2; echo late; echo late >&2; } &", how);
      await sleep(400);
      const results = await Promise.all([1, 2, 3].map((n) => host.exec(["echo", String(n)], how)));
      assert.deepEqual(
        results.map(({ stdout, stderr }) => `${stdout}${stderr}`),
        ["1\n", "2\n", "3\n"],
      );
    });

    test(`a text longer than the pipe within the host holds (${kind})`, async () => {
      const long = "x".repeat(how.looks ? 300_000 : 100_000);
      const options = { ...how, maxOutputBytes: 1_000_000 };
      const results = await Promise.all([
        host.execText(`printf %s '${long}'`, options),
        host.execText("printf after", options),
      ]);
      assert.deepEqual(
        results.map(({ stdout }) => stdout.length),
        [long.length, 5],
      );
    });

    test(`texts with line breaks, comments and here documents (${kind})`, async () => {
      const script = "# comment\ncat <<'X'\n $a 'b'\nX\necho \"$((1 +\n1))\" # end\n";
      assert.equal((await host.execText(script, how)).stdout.toString(), " $a 'b'\n2\n");
    });
  }

  test("words reach the program exactly", async () => {
    const check = async (words: string[]) => {
      const sent = ["printf", "%s\\036", ...words];
      assert.equal(await text(sent), words.map((word) => `${word}\x1e`).join(""));
    };
    const words = fc.array(hostile, { minLength: 1, maxLength: 4 });
    await fc.assert(fc.asyncProperty(words, check), { numRuns: 100 });
  });

  test("500 commands at once are answered in order, and cost few round trips", async () => {
    const earlier = host.statistics;
    const numbers = Array.from({ length: 500 }, (_, number) => number);
    const order: number[] = [];
    const results = await Promise.all(
      numbers.map(async (number) => {
        const result = await host.execText(`echo ${number}; exit ${number % 7}`, looks);
        order.push(number);
        return result;
      }),
    );
    assert.deepEqual(
      results.map(({ stdout, exitCode }) => `${stdout}${exitCode}`),
      numbers.map((number) => `${number}\n${number % 7}`),
    );
    assert.deepEqual(order, numbers);
    assert.equal(host.statistics.commands - earlier.commands, 500);
    assert.ok(host.statistics.roundTrips - earlier.roundTrips <= 2);
  });

  test("commands of both kinds, with short and long stdin, keep their order", async () => {
    const file = path.join(temporary(), "log");
    const orders = Array.from({ length: 12 }, (_, n) => {
      const stdin = `${n}${" ".repeat(n % 3 === 0 ? 40_000 : 10)}`;
      return host.execText(`read -r n; echo "$n" >>${file}`, { looks: n % 2 === 0, stdin });
    });
    await Promise.all(orders);
    assert.equal(fs.readFileSync(file, "utf8"), `${orders.map((_, n) => n).join("\n")}\n`);
  });

  test("a command that changes is a session of its own", async () => {
    const { stdout } = await host.execText('cut -d" " -f5,6 /proc/self/stat; echo "$$"', changes);
    const [ids, own] = stdout.toString().split("\n");
    assert.equal(ids, `${own} ${own}`);
  });

  test("nothing of a long stdin stays on the host", async () => {
    const earlier = fs.readdirSync("/tmp").filter((name) => name.startsWith(".consfig-"));
    await host.exec(["true"], { looks: true, stdin: Buffer.alloc(50_000) });
    const files = earlier.flatMap((name) => fs.readdirSync(`/tmp/${name}`));
    assert.deepEqual(files, []);
  });
});
