import { defined } from "../../core/index.js";
import { type Host, InvalidSelection, UnknownHost } from "../../engine/index.js";
import { didYouMean } from "../suggest.js";
import { globOf, isGlob } from "./glob.js";
import { tagging } from "./tags.js";
import { commandLineWords, type Word, type WordFile, wordsInFile, wordsOnStdin } from "./words.js";

/** What words have chosen of a consfig's hosts. */
export interface Selection {
  /** In the consfig's order. */
  readonly hosts: readonly Host[];
  /** Those that a word calls by name. */
  readonly named: ReadonlySet<Host>;
}

/**
 * The hosts that the words choose; all of them when there are no words. A word is a name, a pattern
 * of names (`web*`), a tag (`@web`), a file of words (`@./hosts`), `-` for words on standard input,
 * or `!` and one of these: then its hosts are left out.
 *
 * @throws UnknownHost for a word that chooses none; InvalidSelection when nothing remains, and for
 *   what cannot be read.
 */
export async function selectHosts(
  hosts: readonly Host[],
  words: readonly string[],
): Promise<Selection> {
  if (words.length === 0) return { hosts, named: new Set() };
  const selecting = new Selecting(hosts);
  const chosen = await selecting.chosenBy(commandLineWords(words));
  if (chosen.length === 0) throw new InvalidSelection(`no host remains of ${words.join(" ")}`);
  return { hosts: chosen, named: selecting.named };
}

class Selecting {
  readonly named = new Set<Host>();
  readonly #hosts: readonly Host[];
  readonly #tags = tagging();
  #stdinRead = false;

  constructor(hosts: readonly Host[]) {
    this.#hosts = hosts;
  }

  async chosenBy(file: WordFile): Promise<readonly Host[]> {
    const wanted = new Set<Host>();
    const unwanted = new Set<Host>();
    for (const word of file.words) {
      const negated = word.text.startsWith("!");
      const text = negated ? word.text.slice(1) : word.text;
      for (const host of await this.#matching({ ...word, text }, file)) {
        (negated ? unwanted : wanted).add(host);
        if (!negated && isName(text)) this.named.add(host);
      }
    }
    const all = file.words.every(({ text }) => text.startsWith("!"));
    return this.#hosts.filter((host) => (all || wanted.has(host)) && !unwanted.has(host));
  }

  async #matching(word: Word, file: WordFile): Promise<readonly Host[]> {
    const { text } = word;
    if (text === "-") return this.chosenBy(await this.#stdin(file));
    if (text.startsWith("@") && /[/.]/.test(text)) {
      return this.chosenBy(wordsInFile(text.slice(1), file));
    }
    if (text.startsWith("@")) return this.#tagged(text.slice(1), word);
    const pattern = isGlob(text) ? globOf(text) : undefined;
    const found = this.#hosts.filter(({ host }) =>
      pattern ? pattern.test(host) : host.toLowerCase() === text.toLowerCase(),
    );
    if (found.length > 0) return found;
    const known = this.#hosts.map(({ host }) => host);
    throw unknown(`no host of the consfig is called ${text}`, word, known);
  }

  #tagged(tag: string, word: Word): readonly Host[] {
    const found = this.#hosts.filter((host) => this.#tags(host).includes(tag));
    if (found.length > 0) return found;
    const known = [...new Set(this.#hosts.flatMap(this.#tags))].sort();
    throw unknown(`no host of the consfig is tagged ${tag}`, word, known);
  }

  #stdin(file: WordFile): Promise<WordFile> {
    if (this.#stdinRead)
      throw new InvalidSelection("- is given twice, and standard input is read once");
    this.#stdinRead = true;
    return wordsOnStdin(file);
  }
}

function isName(text: string): boolean {
  return text !== "-" && !text.startsWith("@") && !isGlob(text);
}

function unknown(message: string, { text, at }: Word, known: readonly string[]): UnknownHost {
  const name = text.replace(/^@/, "");
  const hint = known.length > 0 ? didYouMean(name, known) : 'none has tags: fleet.tagged("…")';
  return new UnknownHost(message, { name, hint, ...defined({ at }) });
}
