import type { Control } from "./files.js";

/** As many files by one command, if their names are not longer than that together. */
export const mostFiles = 64;
const longestNames = 12 * 1024;

/** What has been found, by path; undefined: it is not there. Of others nothing is known. */
export type Found<T> = ReadonlyMap<string, T | undefined>;

/** Somebody who asks for a file; `alone`: for this one by itself. */
interface Request<T> {
  readonly path: string;
  readonly control: Control;
  alone(): Promise<T | undefined>;
  resolve(found: T | undefined | Promise<T | undefined>): void;
  reject(error: unknown): void;
}

/** Requests for files that come at once, answered together. */
export class Gathered<T> {
  readonly #look: (paths: readonly string[], control: Control) => Promise<Found<T>>;
  #waiting: Request<T>[] = [];

  /** `look` looks at all the files by one command. */
  constructor(look: (paths: readonly string[], control: Control) => Promise<Found<T>>) {
    this.#look = look;
  }

  /** What `alone` would give, which is called where nothing is found out with the others. */
  ask(path: string, control: Control, alone: () => Promise<T | undefined>): Promise<T | undefined> {
    // The others could be told apart by nothing else.
    if (!path.startsWith("/") || path.includes("\n")) return alone();
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) setImmediate(() => this.flush());
      this.#waiting.push({ path, control, alone, resolve, reject });
    });
  }

  /** Those that have come are answered without waiting for more. */
  flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const some of portions(waiting)) void this.#answer(some);
  }

  async #answer(requests: readonly Request<T>[]): Promise<void> {
    const paths = [...new Set(requests.map(({ path }) => path))];
    const [first] = requests;
    if (!first) return;
    try {
      const found: Found<T> = paths.length > 1 ? await this.#look(paths, first.control) : new Map();
      for (const { path, alone, resolve } of requests) {
        resolve(found.has(path) ? found.get(path) : alone());
      }
    } catch (error) {
      for (const { reject } of requests) reject(error);
    }
  }
}

function portions<T>(requests: readonly Request<T>[]): readonly (readonly Request<T>[])[] {
  const all: Request<T>[][] = [];
  let length = 0;
  for (const request of requests) {
    length += request.path.length;
    const last = all.at(-1);
    if (last && last.length < mostFiles && length <= longestNames) {
      last.push(request);
    } else {
      all.push([request]);
      length = request.path.length;
    }
  }
  return all;
}
