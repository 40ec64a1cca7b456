/** What has been given to a deployment is not told, however it is written. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import {
  BrokenProperty,
  CommandFailed,
  FailedChange,
  isError,
} from "../../../engine/base/errors.js";
import { printable } from "../../../engine/base/printable.js";
import { quote } from "../../../engine/base/sh.js";
import { hideAllIn, KnownSecrets } from "../../../engine/report/knownSecrets.js";

/** 64 characters that look like chance. */
const sha = (text: string) => createHash("sha256").update(text).digest("hex");
const password = `it's "4711\\$HOME"\té%`;

function knowing(...contents: readonly (string | Uint8Array)[]): KnownSecrets {
  const secrets = new KnownSecrets();
  for (const content of contents) secrets.add(content);
  return secrets;
}

describe("what is told", () => {
  const ways: Record<string, string> = {
    "as it is": password,
    "as a word of a shell": quote(password),
    "in JSON": JSON.stringify(password),
    "in JSON, in a string of JSON, printed": printable(JSON.stringify(password)),
    "in a URL": encodeURIComponent(password),
    "in base64": Buffer.from(password).toString("base64"),
    "in base64, with more after it": Buffer.from(`${password}\n`).toString("base64"),
    "as we print it": printable(password),
    "as a word of a shell, as we print it": printable(quote(password)),
  };
  for (const [name, written] of Object.entries(ways)) {
    test(`has no secret ${name}`, () => {
      const told = knowing(`${password}\n`).hide(`before ${written} after`);
      assert.match(told, /^before ['"]?\[secret\].{0,4} after$/);
    });
  }

  const pem = Array.from({ length: 30 }, (_, i) => sha(`line ${i}`)).join("\n");
  const inLines = (text: string, width: number) =>
    text.replace(new RegExp(`.{${width}}`, "g"), "$&\n");
  /** Of what is encoded no eight characters in a row may be left, but at the edges of base64. */
  const encodings: Readonly<Record<string, (text: string) => string>> = {
    hex: (text) => Buffer.from(text).toString("hex"),
    "hex in upper case": (text) => Buffer.from(text).toString("hex").toUpperCase(),
    "hex in groups": (text) => Buffer.from(text).toString("hex").replace(/../g, "$& "),
    "hex with colons": (text) =>
      Buffer.from(text)
        .toString("hex")
        .replace(/..(?=.)/g, "$&:"),
    "hex in lines": (text) => inLines(Buffer.from(text).toString("hex"), 60),
    base64: (text) => Buffer.from(text).toString("base64"),
    "base64 in lines": (text) => inLines(Buffer.from(text).toString("base64"), 76),
    "base64 for URLs": (text) => Buffer.from(text).toString("base64url"),
  };
  for (const [name, encode] of Object.entries(encodings)) {
    for (const secret of ["hunter7", "4711", "??>>~~\u00ff\u00ff", password, pem]) {
      test(`has none in ${name}, whatever is around it (${secret.length} characters)`, () => {
        const whole = encode(secret).replaceAll(/[\s:]/g, "");
        const ends = ["", ".", " and more"];
        for (const [around, end] of ["", "r", "ro", "root:"].flatMap((one) =>
          ends.map((end) => [one, end]),
        )) {
          const told = knowing(`${secret}\n`).hide(`is ${encode(around + secret + around)}${end}`);
          const left = told.replaceAll("[secret]", " ").replaceAll(/[\s:]/g, "");
          for (let at = 0; at + 8 <= whole.length; at++)
            assert.ok(!left.includes(whole.slice(at, at + 8)), told);
          if (secret.length > 6) assert.match(told, /^is .{0,20}\[secret\]/);
        }
      });
    }
  }

  test("has none of a short secret where it is a word, and is whole where it is not", () => {
    const secrets = knowing("hunter7\n");
    assert.equal(secrets.hide("pw=hunter7, (hunter7)"), "pw=[secret], ([secret])");
    assert.equal(
      secrets.hide("hunter77 xhunter7 h\u00fchunter7"),
      "hunter77 xhunter7 h\u00fchunter7",
    );
    assert.equal(knowing("secret").hide("a [secret] and secret"), "a [secret] and [secret]");
  });

  test("has none where the middle of an output was not kept", () => {
    const long = sha("long").repeat(20);
    for (const secret of [sha("one"), long]) {
      const [head, tail] = [secret.slice(0, -20), secret.slice(20)];
      const told = knowing(secret).hide(`it is ${head}\n[4 bytes dropped]\n${tail} so`);
      assert.equal(told, "it is [secret]\n[4 bytes dropped]\n[secret] so");
    }
  });

  test("takes a time that grows with the text alone, whatever is known", () => {
    const many = Array.from({ length: 2000 }, (_, i) => `password: ${sha(String(i))}`);
    const large = Array.from({ length: 3000 }, (_, i) => sha(`large ${i}`)).join("\n");
    const one = "a".repeat(100_000);
    const texts = [
      sha("x").repeat(20_000),
      "password: ".repeat(100_000),
      `${one.slice(1)}b`.repeat(10),
    ];
    const secrets = knowing(...many, large, one);
    const begun = performance.now();
    for (const text of texts) secrets.hide(text);
    // It takes about two seconds, and took minutes when each of them was looked for.
    assert.ok(performance.now() - begun < 30_000);
  });

  test("has no line of a secret, nor several", () => {
    const secrets = knowing(
      "-----BEGIN KEY-----\r\n  q7LwZr1xVb\r\nshort\r\n-----END KEY-----\r\n",
    );
    assert.equal(secrets.hide("in line 2: q7LwZr1xVb"), "in line 2: [secret]");
    const lines = "-----BEGIN KEY-----\n  q7LwZr1xVb\nshort";
    assert.equal(secrets.hide(lines), "[secret]\n  [secret]\nshort");
  });

  test("has none of several secrets, of which one is a part of another", () => {
    const secrets = knowing("12345678", "12345678-and-more");
    assert.equal(secrets.hide("12345678-and-more 12345678"), "[secret] [secret]");
  });

  test("is the same where nothing is known, or what is too short to tell, or long", () => {
    const text = "a port 80, seven77";
    for (const content of [
      "",
      "a",
      "80\n",
      "even77",
      "seven\nport 80",
      `${"x".repeat(300 * 1024)}\nport 80`,
    ]) {
      assert.equal(knowing(content).hide(text), text);
    }
  });

  test("of bytes that are no text does no harm", () => {
    const secrets = knowing(Uint8Array.from({ length: 256 }, (_, byte) => byte));
    assert.equal(secrets.hide("nothing of it"), "nothing of it");
  });
});

describe("an error", () => {
  const secrets = knowing(password, "second-secret");

  test("that has no secret is told as it is", () => {
    const error = new FailedChange("nothing of it", { output: "nothing" });
    assert.equal(secrets.hideIn(error), error);
  });

  test("is of the same class, and always the same one, without a secret anywhere in it", () => {
    const cause = Object.assign(new TypeError(`expected ${password}`), { body: { password } });
    const facts = { output: password, list: ["a", password], exitCode: 3, hint: "mend it" };
    const error = new CommandFailed(`it says ${password}`, facts, { cause });
    const shown = secrets.hideIn(error);
    assert.equal(secrets.hideIn(error), shown);
    assert.ok(isError(shown, CommandFailed) && isError(shown, FailedChange));
    assert.deepEqual([shown.message, shown.hint], ["it says [secret]", "mend it"]);
    const { output, list, exitCode } = shown.facts;
    assert.deepEqual([output, list, exitCode], ["[secret]", ["a", "[secret]"], 3]);
    assert.match((shown.cause as Error).stack ?? "", /TypeError: expected \[secret\]\n.*at /);
    assert.doesNotMatch(inspect(shown, { depth: Infinity, showHidden: true }), /4711/);
  });

  test("has none in what only its cause has", () => {
    const cause = Object.assign(new Error("refused"), { request: { headers: ["second-secret"] } });
    const shown = secrets.hideIn(new BrokenProperty("Error: refused", {}, { cause }));
    assert.doesNotMatch(inspect(shown, { depth: Infinity, showHidden: true }), /second/);
  });

  test("that refers to itself has none either", () => {
    const facts: Record<string, unknown> = { text: "second-secret" };
    facts.self = facts;
    const shown = secrets.hideIn(new FailedChange("failed", facts));
    assert.doesNotMatch(inspect(shown, { depth: Infinity, showHidden: true }), /second/);
  });

  test("of another system, and what is no error, has none", () => {
    const shown = secrets.hideIn(new RangeError("second-secret"));
    assert.deepEqual([shown.name, shown.message], ["RangeError", "[secret]"]);
    assert.doesNotMatch(shown.stack ?? "", /second/);
    assert.equal(secrets.hideIn("second-secret"), "[secret]");
    assert.equal(secrets.hideIn(undefined), undefined);
  });
});

describe("several deployments", () => {
  const [one, two, three] = ["secret-of-one", "secret-of-two", "shared-by-some"];

  test("hide each what they were given, and nothing else", () => {
    for (let round = 0; round < 3; round++) {
      const first = knowing(one, three);
      const second = knowing(two, three);
      const third = knowing(three, one);
      const text = `${one} ${two} ${three}`;
      assert.equal(first.hide(text), `[secret] ${two} [secret]`);
      assert.equal(second.hide(text), `${one} [secret] [secret]`);
      assert.equal(third.hide(text), `[secret] ${two} [secret]`);
      first.add(two);
      assert.equal(first.hide(text), "[secret] [secret] [secret]");
      assert.equal(third.hide(text), `[secret] ${two} [secret]`);
      assert.equal(knowing().hide(text), text);
    }
  });

  test("that were given what looks alike when it is written down are told apart", () => {
    const text = `quoted-a","quoted-b and quoted-a`;
    assert.equal(knowing("quoted-a", "quoted-b").hide(text), `[secret]","[secret] and [secret]`);
    assert.equal(knowing(`quoted-a","quoted-b`).hide(text), "[secret] and quoted-a");
  });

  test("forget nothing, however many others there are", () => {
    const all = Array.from({ length: 40 }, (_, i) => knowing(`secret-number-${i}`, `${three}`));
    for (const [i, secrets] of all.entries()) {
      secrets.add(`added-later-${i}`);
      const text = `secret-number-${i} added-later-${i} secret-number-x`;
      assert.equal(secrets.hide(text), "[secret] [secret] secret-number-x");
    }
    assert.equal(
      knowing("secret-number-0", three).hide("secret-number-0 added-later-0"),
      "[secret] added-later-0",
    );
  });

  test("hide together what nobody has caught, as long as they are under way", () => {
    const [first, second] = [knowing(one), knowing(two)];
    first.begin();
    second.begin();
    assert.equal(hideAllIn(`${one} ${two} ${three}`), `[secret] [secret] ${three}`);
    first.end();
    assert.equal(hideAllIn(`${one} ${two}`), `${one} [secret]`);
    second.end();
    assert.equal(hideAllIn(two), two);
  });
});
