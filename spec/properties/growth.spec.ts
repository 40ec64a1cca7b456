/** Work on what a host says or has in its files grows no faster than the text, whatever is in it. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { publicKeyInText } from "../../connections/ssh/keys.js";
import { settingIn, splitWords } from "../../connections/ssh/sshConfigSyntax.js";
import { plainLines } from "../../connections/ssh/systemFailure.js";
import { lastLines } from "../../engine/base/errors.js";
import { printable, printableLines } from "../../engine/base/printable.js";
import { parseStat } from "../../engine/files/lookAtOne.js";
import { SessionGarbled } from "../../engine/index.js";
import { Noise } from "../../engine/shell/noise.js";
import { Scanner } from "../../engine/shell/scanner.js";
import { containsBlock, lacksBlock } from "../../properties/file/editing/block.js";
import { iniValues, setIniSettings, unsetIniSettings } from "../../properties/file/editing/ini.js";
import {
  containsLines,
  editedAbove,
  lacksLines,
  lacksLinesMatching,
  regexReplacedLines,
} from "../../properties/file/editing/lines.js";
import {
  setSettings,
  settingValues,
  unsetSettings,
} from "../../properties/file/editing/settings.js";
import {
  crypttab,
  fstab,
  setTableEntries,
  unsetTableEntries,
} from "../../properties/file/editing/table.js";
import { bytesOf, textOf } from "../../properties/file/text.js";
import { hasOwnNames, lacksOwnNames } from "../../properties/hostname/hosts.js";
import { keyIn } from "../../properties/ssh/keys.js";
import { isWhole } from "../helpers/seed.js";

type Work = (text: string) => unknown;

/** All that reads text of hosts. A further parser is a line here. */
const parsers: Readonly<Record<string, Work>> = {
  textOf: (text) => textOf(Buffer.from(`\u00ff${text}`, "latin1")),
  bytesOf: (text) => bytesOf(`\udcff${text}`),
  containsLines: (text) => containsLines(text, ["a"]),
  lacksLines: (text) => lacksLines(text, ["a"]),
  lacksLinesMatching: (text) => lacksLinesMatching(text, ["^#"]),
  regexReplacedLines: (text) => regexReplacedLines(text, "a", "b", { every: true }),
  editedAbove: (text) => editedAbove(text, "^Match", (above) => `${above}`),
  containsBlock: (text) => containsBlock(text, "b", ["x"]),
  lacksBlock: (text) => lacksBlock(text, "b"),
  setIniSettings: (text) => setIniSettings(text, [["s", "k", "w"]]),
  unsetIniSettings: (text) => unsetIniSettings(text, [["s", "k"]]),
  iniValues: (text) => iniValues(text, "s", "k"),
  setFstab: (text) => setTableEntries(text, fstab, ["/dev/a /a ext4 defaults 0 0"]),
  unsetFstab: (text) => unsetTableEntries(text, fstab, ["/dev/a /a ext4 defaults 0 0"]),
  setCrypttab: (text) => setTableEntries(text, crypttab, ["a /dev/a none luks"]),
  hasOwnNames: (text) => hasOwnNames(`127.0.1.1${text}`, "a.example.com"),
  lacksOwnNames: (text) => lacksOwnNames(`127.0.1.1${text}`, "a.example.com"),
  keyIn: (text) => text.split("\n").map(keyIn),
  "keyIn, after options": (text) => keyIn(`ssh-rsa ${text}`),
  publicKeyInText: (text) => publicKeyInText(text),
  settingIn: (text) => settingIn(`a${text}x`),
  splitWords: (text) => splitWords(text),
  printable: (text) => printable(text),
  printableLines: (text) => printableLines(text),
  lastLines: (text) => lastLines(text),
  plainLines: (text) => plainLines(text),
  parseStat: (text) => {
    try {
      return parseStat("/a", `81a4 0 0 1 1:${text}`);
    } catch {
      return undefined;
    }
  },
  "the way in": (text) => {
    const noise = new Noise();
    for (const byte of Buffer.from(text)) {
      noise.push(Buffer.of(byte));
      noise.completes("password for root:");
    }
  },
  "a session's stream": (text) => {
    const scanner = new Scanner("0123456789abcdef");
    const bytes = Buffer.from(text);
    try {
      for (let at = 0; at < bytes.length; at += 7) {
        for (const piece of scanner.feed(bytes.subarray(at, at + 7))) void piece;
      }
    } catch (error) {
      assert.ok(error instanceof SessionGarbled);
    }
  },
  ...Object.fromEntries(
    (["space", "equals", "shell"] as const).flatMap((format) => [
      [`setSettings ${format}`, (text: string) => setSettings(text, format, { k: "w" })],
      [`unsetSettings ${format}`, (text: string) => unsetSettings(text, format, ["k"])],
      [`settingValues ${format}`, (text: string) => settingValues(text, format, "k")],
    ]),
  ),
};

const repeated = (unit: string, before = "", after = "") => [before, unit, after] as const;

/** Texts that may take long: one unit again and again, after and before something else. */
const texts: Readonly<Record<string, readonly [before: string, unit: string, after: string]>> = {
  blanks: repeated(" ", "a", "x"),
  "blanks at the begin": repeated(" ", "", "x"),
  tabs: repeated("\t", " a", "#x"),
  "blanks and commas": repeated(" ,", "k=", ""),
  newlines: repeated("\n"),
  "carriage returns": repeated("\r", "a", "x"),
  "lines of one letter": repeated("a\n"),
  "bytes that are no text": repeated("\u00ff"),
  "lines that are no text": repeated("\u00ff\n"),
  "empty blocks": repeated("# BEGIN b\n# END b\n"),
  "begins of blocks": repeated("# BEGIN b\n"),
  "ends of blocks": repeated("# END b\n", "# BEGIN b\n".repeat(2)),
  "nested blocks": repeated("# BEGIN b\n# BEGIN b\n# END b\n"),
  sections: repeated("[s]\n", "[s]\nk=v\n"),
  "sections with blank lines": repeated("\n[s]\n", "[s]\nk=v\n"),
  settings: repeated("k=v\n"),
  "settings in sections": repeated("[s]\nk = v\n"),
  "settings that are commented out": repeated("#k=v\n"),
  comments: repeated("# k is v\n", "k=v\n"),
  "lines that go on": repeated(" v,\n", "k =\n"),
  "backslashes at line ends": repeated("k=v\\\n"),
  backslashes: repeated("\\", "k=", "x"),
  "double quotes": repeated('"', "k=", "x"),
  "open quotes": repeated("k='\nx\n"),
  "quotes with words": repeated('"a",', "#k=", "'"),
  "signs of comments": repeated("#", "", "x"),
  brackets: repeated("[", "", "x"),
  "closed brackets": repeated("]", "[", "x"),
  "equals signs": repeated("=", "k", "x"),
  slashes: repeated("/", "/dev/b /", "x"),
  mounts: repeated("/dev/a /a ext4 defaults 0 0\n"),
  names: repeated(" a", "", "#"),
  keys: repeated("ssh-rsa AAAAB3NzaC1yc2E\n"),
  "letters of keys": repeated("A", "ssh-rsa ", "!"),
  "refused logins": repeated("Permission denied (", "x ", ""),
  "marks of a session": repeated("0123456789abcdef:"),
};

/** Processor time, in milliseconds. */
function timeOf(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Enough to tell the time of the work from all else; and where work is so cheap, nobody waits for it. */
const clearMs = 30;
const mostBytes = (isWhole ? 256 : 32) * 1024;

/** How much longer the work takes for twice the text; the best of several. */
function growth(work: Work, of: (bytes: number) => string): number {
  for (let bytes = 16 * 1024; bytes <= mostBytes; bytes *= 2) {
    const [text, twice] = [of(bytes), of(2 * bytes)];
    const ms = timeOf(() => work(text));
    if (ms < clearMs) continue;
    const ratios = Array.from({ length: 4 }, () => {
      const once = timeOf(() => work(text));
      return timeOf(() => work(twice)) / once;
    });
    return Math.min(...ratios);
  }
  return 0;
}

for (const [name, work] of Object.entries(parsers)) {
  describe(name, () => {
    test("twice the text", () => {
      for (const [what, [before, unit, after]] of Object.entries(texts)) {
        const of = (bytes: number) => before + unit.repeat(bytes / unit.length) + after;
        const times = growth(work, of);
        assert.ok(times < 2.5, `${times.toFixed(1)} times as long for twice the ${what}`);
      }
    });
  });
}
