const named: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

/** The text as it stands in XML 1.0: what it forbids is left out, even escaped. */
export function xmlText(text: string): string {
  return allowed(text).replace(/[&<>]/g, (character) => named[character] ?? "");
}

/** ` name="value"` for each that has a value. */
export function xmlAttributes(
  attributes: Readonly<Record<string, string | number | undefined>>,
): string {
  return Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}="${attributeText(String(value))}"`)
    .join("");
}

/** White space would be read as blanks if it were not escaped. */
function attributeText(text: string): string {
  return allowed(text)
    .replace(/[&<>"]/g, (character) => named[character] ?? "")
    .replace(/[\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function allowed(text: string): string {
  return text.replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "");
}
