/**
 * The text with everything escaped that could act on a terminal or forge a line: control characters
 * (newlines too), bidirectional controls, invisible and unassigned characters, lone surrogates.
 *
 * All that a managed host says passes through here before it meets a terminal or a log.
 */
export function printable(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, escapeCharacter);
}

/** Like {@link printable}, line by line: newlines stay, carriage returns before them go. */
export function printableLines(text: string): string {
  return text.split(/\r?\n/).map(printable).join("\n");
}

const shortForms: Record<string, string> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function escapeCharacter(character: string): string {
  const short = shortForms[character];
  if (short !== undefined) return short;
  const code = character.codePointAt(0) ?? 0;
  return code <= 0xff ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
}
