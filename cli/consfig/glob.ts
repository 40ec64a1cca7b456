import { InvalidSelection } from "../../engine/base/index.js";

/** Whether the word is a pattern of names, and no name. */
export function isGlob(word: string): boolean {
  return /[*?[\]{}]/.test(word);
}

/**
 * What matches the names that the pattern does: `*` stands for anything, `?` for one character,
 * `[1-3]` for one of these (`[!1-3]`: none of them), `{a,b}` for one or the other.
 *
 * @throws InvalidSelection
 */
export function globOf(pattern: string): RegExp {
  let open = 0;
  const text = pattern.replace(/\*+|\[(!?)([\w.-]+)\]|\W/g, (part, not, members) => {
    if (members !== undefined) return `[${not && "^"}${members}]`;
    if (part.startsWith("*")) return ".*";
    if (part === "?") return ".";
    if (part === "{") open++;
    if (part === "{") return "(?:";
    if (part === "}") return ")";
    return part === "," && open > 0 ? "|" : `\\${part}`;
  });
  try {
    return new RegExp(`^${text}$`, "i");
  } catch (error) {
    const hint = "brackets come in pairs, ranges begin with the smaller: web[1-3], {web,db}1";
    throw new InvalidSelection(`${pattern} is no pattern of names`, { hint }, { cause: error });
  }
}
