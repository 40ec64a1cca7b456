/**
 * The words of a line, as Python's `shlex.split` with comments gives them. Undefined: a quotation does
 * not end.
 */
export function shellWords(line: string): readonly string[] | undefined {
  const part = /(\s+)|(#.*)|([^\s'"\\#]+)|'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)/sy;
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < line.length; at = part.lastIndex) {
    part.lastIndex = at;
    const match = part.exec(line);
    if (!match) return undefined;
    const [, blank, comment, plain, single, double, escaped] = match;
    if (comment !== undefined) break;
    if (blank === undefined) {
      const quoted = double?.replace(/\\(["\\])/g, "$1");
      word = (word ?? "") + (plain ?? single ?? quoted ?? escaped);
    } else if (word !== undefined) {
      words.push(word);
      word = undefined;
    }
  }
  return word === undefined ? words : [...words, word];
}
