import { readFileSync, realpathSync } from "node:fs";
import path from "node:path";
import { text } from "node:stream/consumers";
import { InvalidSelection } from "../../engine/base/index.js";

/** A word that says which hosts are meant, and where it is written. */
export interface Word {
  readonly text: string;
  /** Undefined: on the command line. */
  readonly at?: string;
}

/** Words in a file; files that these name are beside it. */
export interface WordFile {
  readonly words: readonly Word[];
  readonly directory: string;
  /** The files that are being read: this one, and those whose words led to it. */
  readonly within: readonly string[];
}

/** The words of the command line, as if they were in a file of the working directory. */
export function commandLineWords(words: readonly string[]): WordFile {
  return { words: words.map((text) => ({ text })), directory: process.cwd(), within: [] };
}

/** @throws InvalidSelection when the file cannot be read, names itself, or has no words. */
export function wordsInFile(name: string, { directory, within }: WordFile): WordFile {
  const file = path.resolve(directory, name);
  const shown = path.relative("", file);
  const content = read(file, shown);
  const real = realpathSync(file);
  if (within.includes(real)) {
    const circle = [...within.slice(within.indexOf(real)), real].map((one) =>
      path.relative("", one),
    );
    throw new InvalidSelection(`files of words name each other: ${circle.join(", ")}`);
  }
  const words = wordsIn(content, shown);
  return { words, directory: path.dirname(file), within: [...within, real] };
}

function read(file: string, shown: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const text = (error as Error).message; // readFileSync throws nothing else
    const hint = "@ and a word without / and . is a tag";
    throw new InvalidSelection(`${shown} cannot be read: ${text}`, { hint }, { cause: error });
  }
}

/** @throws InvalidSelection when standard input is a terminal, or has no words. */
export async function wordsOnStdin(around: WordFile): Promise<WordFile> {
  if (process.stdin.isTTY) {
    throw new InvalidSelection("- stands for words on standard input, and that is a terminal", {
      hint: "e.g. echo web1 web2 | consfig deploy -",
    });
  }
  const words = wordsIn(await text(process.stdin), "standard input");
  return { words, directory: process.cwd(), within: around.within };
}

function wordsIn(content: string, name: string): readonly Word[] {
  const words = content.split("\n").flatMap((line, index) => {
    const said = line.replace(/(^|\s)#.*/, "").match(/\S+/g) ?? [];
    return said.map((text) => ({ text, at: `${name}:${index + 1}` }));
  });
  if (words.length > 0) return words;
  throw new InvalidSelection(`${name} has no word that says which hosts are meant`, {
    hint: "names, patterns, tags: one or more a line; # begins a comment",
  });
}
