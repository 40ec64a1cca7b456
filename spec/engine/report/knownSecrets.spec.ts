/** What has been given to a deployment is not told, however it is written. */
import assert from "node:assert/strict";
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
