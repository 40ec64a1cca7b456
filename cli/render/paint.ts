/** Ways to set text off from other text. Without colours they do nothing. */
export interface Paint {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly strong: (text: string) => string;
  readonly faint: (text: string) => string;
}

const same = (text: string) => text;

export const noPaint: Paint = { good: same, bad: same, warn: same, strong: same, faint: same };

/** The paint for a stream: `NO_COLOR` beats `FORCE_COLOR` beats what the stream can show. */
export async function paintFor(stream: { readonly isTTY?: boolean }): Promise<Paint> {
  if (!wantsColours(stream, process.env)) return noPaint;
  const { Chalk } = await import("chalk");
  const { green, red, yellow, bold, dim } = new Chalk({ level: 1 });
  return { good: green, bad: red, warn: yellow, strong: bold, faint: dim };
}

function wantsColours(stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = env;
  if (NO_COLOR) return false;
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== "0" && FORCE_COLOR !== "false";
  return stream.isTTY === true && TERM !== "dumb";
}
