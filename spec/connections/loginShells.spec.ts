/** Whatever the login shell of an account is, what it is given means the same. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { chroot } from "../../connections/chroot/index.js";
import { nsenter } from "../../connections/nsenter/index.js";
import { ssh } from "../../connections/ssh/index.js";
import { su } from "../../connections/su/index.js";
import { sudo } from "../../connections/sudo/index.js";
import { type Chain, deployThese, host, loginShellLine } from "../../engine/index.js";
import fc from "../helpers/seeded.js";
import { type Testbed, testbed, testbedUnavailable } from "../testbed/index.js";
import { hasCommand } from "../testbed/machine.js";
import { busyboxTree, ran, removeTree, said } from "./helpers/trees.js";

const shells = [
  ...[["sh"], ["bash"], ["dash"], ["busybox", "sh"], ["yash"], ["zsh"]],
  ...[["fish"], ["tcsh"], ["bsd-csh"]],
] as const;

/** What some shell reads otherwise than others, alone and beside each other. */
const nasty = fc
  .array(
    fc.constantFrom(
      ...[
        "'",
        "\\",
        "!",
        "\\'",
        "\\\\",
        "!!",
        "!$",
        "\n",
        "\t",
        " ",
        '"',
        "$HOME",
        "`id`",
        "$(id)",
      ],
      ...["*", "~", "{a,b}", "^a^b", "%1", "#", ";", "&", "|", "<", ">", "é", "\u{1F600}", "\x01"],
      ...["a", "-n", "\\047", "\\0101", "\\c", "[x]", "=", "@"],
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(""));

/** Prints its words with what cannot be in one after each. */
const prints = ["sh", "-c", 'for w; do printf "%s\\n\\001\\n" "$w"; done', "sh"];

for (const words of shells) {
  const [program, ...before] = words;
  const skip = hasCommand(program) ? false : `needs ${program}`;
  test(`${words.join(" ")}: each word arrives as it is`, { skip }, () => {
    const arrives = (given: readonly string[]) => {
      const line = loginShellLine([...prints, ...given]);
      const { stdout, stderr } = spawnSync(program, [...before, "-c", line], { encoding: "utf8" });
      assert.equal(stdout, given.map((word) => `${word}\n\x01\n`).join(""), stderr);
    };
    fc.assert(fc.property(fc.array(nasty, { maxLength: 4 }), arrives), { numRuns: 15 });
    arrives(["it's \\'!\n ".repeat(1500)]);
  });
}

describe("accounts with such shells", { skip: testbedUnavailable() ?? false }, () => {
  let bed: Testbed;
  const to = (user: string) => ssh({ host: bed.host(0).name, user, configFile: bed.sshConfigFile });
  const there = (text: string) => bed.host(0).shell(text);

  before(async () => {
    bed = await testbed({ hosts: 2 });
    await bed.host(0).shell("mkdir -p -m 700 /root/.ssh && cat > /root/.ssh/known_hosts", {
      input: `${bed.host(1).hostKeyLine}\n`,
    });
    await bed.host(0).shell("umask 077 && cat > /root/.ssh/id_bed", {
      input: readFileSync(bed.keyFile, "utf8"),
    });
  });
  after(() => bed?.down());

  async function prints(chain: Chain, text: string): Promise<string> {
    said.length = 0;
    const report = await deployThese(chain, host(bed.host(0).name), [ran(text)]);
    if (report.error) throw report.error;
    return said[0] ?? "";
  }

  for (const shell of ["fish", "tcsh"]) {
    describe(shell, () => {
      before(async () => {
        const set = `usermod --shell /usr/bin/${shell} admin && usermod --shell /usr/bin/${shell} root`;
        for (const one of bed.hosts) assert.equal((await one.shell(set)).code, 0);
      });

      test("it can be logged in to, and gone on from", async () => {
        assert.equal(await prints([to("admin")], "id -un"), "admin");
        assert.equal(await prints([to("admin"), sudo(), su("alice")], "id -un"), "alice");
        const next = bed.host(1);
        const second = ssh({
          host: next.address,
          user: "admin",
          identityFile: "/root/.ssh/id_bed",
        });
        const chain = [to("root"), second, sudo()];
        assert.equal(
          await prints(chain, "uname -n; id -un; echo '!!' \\\\"),
          `${next.name}\nroot\n!! \\`,
        );
      });

      test("what is mounted in a chroot is mounted", async () => {
        const name = `a\\ '!b ${shell}`;
        const tree = busyboxTree({ proc: {}, dev: {} });
        execFileSync("cp", ["-a", tree, `${bed.host(0).root}/srv/${name}`]);
        removeTree(tree);
        const chain = [to("root"), chroot(`/srv/${name}`)];
        assert.match(await prints(chain, "cut -d' ' -f2 /proc/mounts"), /^\/proc\n\/dev$/m);
      });

      test("a variable of a container's process is not run", async () => {
        const nested = "x'; touch /root/pwned; '\\'; touch /root/pwned; echo \\''!!";
        await bed.host(0).shell(`cat >/root/variable`, { input: nested });
        const start = `X="$(cat /root/variable)" setsid unshare -mpf --kill-child sleep 1000
          </dev/null >/dev/null 2>&1 & sleep 0.3; pgrep -f '^sleep 1000'`;
        const { stdout } = await there(start.replaceAll("\n", " "));
        const chain = [to("root"), nsenter(Number(stdout))];
        assert.equal(
          await prints(chain, 'printf %s "$X"; ls /root/pwned 2>/dev/null || true'),
          nested,
        );
        await there("pkill -KILL -f '^sleep 1000'");
      });
    });
  }
});
