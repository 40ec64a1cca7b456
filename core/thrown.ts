/**
 * The text as it can be sent or recorded: no longer than that, and without halves of characters, which
 * a program may have cut, or this has.
 */
export function sendable(told: string, most: number): string {
  const end = `… (${told.length} characters)`;
  const short = told.length > most ? `${told.slice(0, most - end.length)}${end}` : told;
  return Buffer.from(short).toString();
}

/** What was thrown, in words: the name of the error's class and what it says. */
export function inWords(thrown: unknown): string {
  return thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : asText(thrown);
}

/** Why something failed: what the error says, without the name of its class. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : asText(thrown);
}

/** Code may throw any value, also one whose own code fails when it is to be made text. */
function asText(thrown: unknown): string {
  try {
    return String(thrown);
  } catch {
    return "something was thrown that cannot be told in words";
  }
}
