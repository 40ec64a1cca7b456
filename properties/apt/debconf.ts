import { z } from "zod";
import { type LookingHost, type PosixHost, posixProperty, sh } from "../../engine/index.js";
import * as os from "../os/index.js";
import { runApt } from "./aptGet.js";
import { plainPackageName } from "./names.js";

const types = ["string", "boolean", "select", "multiselect", "note", "text"] as const;
const answer = z.tuple([
  z.string().regex(/^[a-z0-9][^\s\0]*$/i, "expected the name of a question, e.g. tzdata/Areas"),
  z.enum(types),
  z.string().regex(/^[^\n\r\0]*$/, "expected one line"),
]);
const answers = z.tuple([plainPackageName, answer], answer);

/** The answer to a question of a package: debconf's name of it, its type, the value. */
export type Answer = readonly [question: string, type: (typeof types)[number], value: string];

/**
 * debconf has these answers to questions of the package, which may not be installed yet. No
 * passwords: what is in a consfig is no secret.
 *
 * @example apt.preseeded("postfix", ["postfix/mailname", "string", "example.com"])
 */
export const preseeded = posixProperty<[name: string, ...answers: Answer[]]>("apt.preseeded", {
  args: answers,
  desc: (name) => `questions of ${name} answered`,
  hostattrs: (attrs) => attrs.require(os.debianlike),
  check: (host, name, ...answers) => hasAnswers(host, name, answers),
  async apply(host, name, ...answers) {
    await setAnswers(host, name, answers);
    return "changed";
  },
});

/** Like {@link preseeded}; and the package, which is installed, has been set up by these answers. */
export const reconfigured = posixProperty<[name: string, ...answers: Answer[]]>(
  "apt.reconfigured",
  {
    args: answers,
    desc: (name) => `${name} set up by answers`,
    hostattrs: (attrs) => attrs.require(os.debianlike),
    check: (host, name, ...answers) => hasAnswers(host, name, answers),
    async apply(host, name, ...answers) {
      const before = await currentAnswers(host, name);
      await setAnswers(host, name, answers);
      try {
        await runApt(host, sh`dpkg-reconfigure --frontend=noninteractive -- ${name}`);
      } catch (error) {
        // So that this is not taken for done the next time.
        const old = answers.map(([question, type]): Answer => {
          return [question, type, before.get(question) ?? ""];
        });
        await setAnswers(host, name, old);
        throw error;
      }
      return "changed";
    },
  },
);

async function hasAnswers(
  host: LookingHost,
  name: string,
  answers: readonly Answer[],
): Promise<boolean> {
  const current = await currentAnswers(host, name);
  return answers.every(([question, , value]) => current.get(question) === value);
}

/** What debconf has. */
async function currentAnswers(
  host: LookingHost,
  name: string,
): Promise<ReadonlyMap<string, string>> {
  const { lines } = await host.query(sh`debconf-show ${name}`, { mayFail: true });
  const shown = lines.map((line) => /^[* ] ([^:]+):(?: (.*))?$/.exec(line));
  return new Map(shown.map((match) => [match?.[1] ?? "", match?.[2] ?? ""]));
}

async function setAnswers(
  host: PosixHost,
  name: string,
  answers: readonly Answer[],
): Promise<void> {
  const text = answers.map((answer) => `${[name, ...answer].join(" ")}\n`).join("");
  await host.run(sh`debconf-set-selections`, { stdin: text });
}
