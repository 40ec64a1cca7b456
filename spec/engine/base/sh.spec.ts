import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import {
  InvalidArgument,
  operand,
  quote,
  quoteWords,
  Secret,
  script,
  sh,
} from "../../../engine/index.js";
import fc from "../../helpers/seeded.js";

const unit = "two words";

test("the words of a command", () => {
  assert.deepEqual(sh`systemctl enable ${unit}`, ["systemctl", "enable", "two words"]);
  assert.deepEqual(sh`a --b=${unit}.service  c`, ["a", "--b=two words.service", "c"]);
  assert.deepEqual(sh`a ${["b", "c d"]} ${[]} e`, ["a", "b", "c d", "e"]);
  assert.deepEqual(sh`a ${""} ${7}`, ["a", "", "7"]);
});

test("shell syntax among the words is refused", () => {
  for (const bad of [
    () => sh`a | b`,
    () => sh`a "b"`,
    () => sh`a $b`,
    () => sh`a;b`,
    () => sh`a*`,
  ]) {
    assert.throws(bad, InvalidArgument);
  }
  assert.throws(() => sh`a${["b", "c"]}`, InvalidArgument);
});

test("interpolations in a script are quoted", () => {
  assert.deepEqual(script`cat < ${"a b"} | wc ${["-l", "$x"]}`, [
    "sh",
    "-c",
    "cat < 'a b' | wc -l '$x'",
  ]);
});

test("a backslash that would not reach the shell is refused", () => {
  assert.deepEqual(
    script`sed 's/\\./\\033/'; echo \`id\` \$HOME 'a\tb' \
    c`,
    ["sh", "-c", "sed 's/\\./\\033/'; echo `id` $HOME 'a\tb'     c"],
  );
  const octal = () => script`rm ${"a"}; printf '\033[0m'`;
  for (const bad of [
    octal,
    () => script`grep '\.conf$' ${"a"}`,
    () => script`grep '\bword' ${"a"}`,
    () => script`printf \x`,
    () => sh`echo \d`,
  ]) {
    assert.throws(bad, { code: "E_ARGUMENT", message: /JavaScript does not pass on/ });
  }
});

test("what is neither text nor a number is no word", () => {
  for (const bad of [undefined, null, Number.NaN, {}, new Secret("x"), [undefined]] as never[]) {
    assert.throws(() => sh`rm ${bad}`, InvalidArgument);
    assert.throws(() => script`rm -r ${bad}/`, InvalidArgument);
  }
});

test("a path that looks like an option becomes none", () => {
  assert.equal(operand("-rf"), "./-rf");
  assert.equal(operand("/-rf"), "/-rf");
});

test("no NUL in a word", () => {
  assert.throws(() => quote("a\0b"), InvalidArgument);
});

const hostile = fc.string({
  unit: fc.constantFrom(..."'\"$`\\\n\t -~=*?[]{}#;&|<>()!aé€😀".split(/(?:)/u)),
  minLength: 0,
  maxLength: 12,
});

for (const shell of ["dash", "bash"]) {
  test(`${shell} reads quoted words as they were, nested twice`, () => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1, maxLength: 20 }), (words) => {
        const print = quoteWords(["printf", "%s\\0", "x", ...words]);
        const nested = quoteWords([shell, "-c", quoteWords([shell, "-c", print])]);
        const printed = execFileSync(shell, ["-c", nested], { encoding: "utf8" });
        assert.deepEqual(printed.split("\0").slice(1, -1), words);
      }),
      { numRuns: 200 },
    );
  });
}
