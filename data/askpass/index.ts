import { withTerminal } from "../../core/index.js";
import {
  type DataSource,
  MissingData,
  MissingDataSource,
  printable,
  Secret,
} from "../../engine/index.js";
import { outputOf } from "../reading/shared.js";
import { type Ask, theTerminal } from "./terminal.js";

/** So many times two answers may differ, or be empty. */
const attempts = 3;

/**
 * Prerequisite data are what the person types when they are needed, twice to be sure: the items whose
 * context and name match the patterns, each as a whole. They are asked for on the terminal; where
 * there is none, or `SSH_ASKPASS_REQUIRE` is `prefer` or `force`, by the program in `SSH_ASKPASS`. An
 * answer is kept, in memory, until this process ends.
 *
 * The version is the time the item was first wanted, so that no file has a newer one.
 *
 * @example askpass(/--user-passwd--.+/, /root|admin/)
 * @throws MissingDataSource when it is needed and there is no way to ask.
 */
export function askpass(iden1: RegExp, iden2: RegExp): DataSource {
  const patterns = [whole(iden1), whole(iden2)] as const;
  return {
    description: `askpass ${iden1} ${iden2}`,
    async version(one, two) {
      if (!patterns[0].test(one) || !patterns[1].test(two)) return undefined;
      return wanted(one, two).version;
    },
    async read(one, two) {
      const item = wanted(one, two);
      item.answer ??= inTurn(() => withTerminal(() => asked(one, two)));
      try {
        return Buffer.from((await item.answer).reveal());
      } catch (error) {
        delete item.answer;
        throw error;
      }
    },
  };
}

interface Wanted {
  readonly version: string;
  answer?: Promise<Secret>;
}

const items = new Map<string, Wanted>();

function wanted(iden1: string, iden2: string): Wanted {
  const key = JSON.stringify([iden1, iden2]);
  const item = items.get(key) ?? { version: String(Date.now()) };
  items.set(key, item);
  return item;
}

let last: Promise<unknown> = Promise.resolve();

/** There is one person: the next question is put when the one before is answered. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const turn = last.then(work, work);
  last = turn.catch(() => {});
  return turn;
}

async function asked(iden1: string, iden2: string): Promise<Secret> {
  const ask = wayToAsk();
  const about = printable(`(${iden1}, ${iden2})`);
  let complaint = "";
  for (let attempt = 0; attempt < attempts; attempt++) {
    const answer = await ask(`${complaint}${about}: `);
    if (answer.reveal() === "") complaint = "Nothing was typed. ";
    else if ((await ask(`${about}, again: `)).reveal() === answer.reveal()) return answer;
    else complaint = "These were not the same. ";
  }
  throw new MissingData(`no answer was given for ${about}, twice the same`, { iden1, iden2 });
}

function wayToAsk(): Ask {
  const { SSH_ASKPASS: program, SSH_ASKPASS_REQUIRE: require } = process.env;
  const byProgram: Ask | undefined = program ? (text) => answerOf(program, text) : undefined;
  if (byProgram && (require === "prefer" || require === "force")) return byProgram;
  const way = theTerminal() ?? (require === "never" ? undefined : byProgram);
  if (way) return way;
  throw new MissingDataSource("there is no terminal to ask for prerequisite data at", {
    hint: "set SSH_ASKPASS to a program that asks, or register another source that has it",
  });
}

async function answerOf(program: string, prompt: string): Promise<Secret> {
  const output = await outputOf([program, prompt], {
    purpose: "asking for prerequisite data",
    hint: "SSH_ASKPASS names the program that asks; did you cancel it?",
  });
  return new Secret(output.toString("utf8").replace(/\r?\n$/, ""));
}

function whole({ source, flags }: RegExp): RegExp {
  return new RegExp(`^(?:${source})$`, flags.replace(/[gy]/g, ""));
}
