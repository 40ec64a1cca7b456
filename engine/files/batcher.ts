import type { Control, ExecLanes, ExecText } from "../shell/index.js";

/** How many files one command looks at, at most, and how long their names may be together. */
export const mostFiles = 64;
const longestNames = 12 * 1024;
/** A deeper path is looked at by itself: all directories on the way are named, too. */
const mostNames = 24;

/**
 * What was found, by path; `undefined`: nothing is there. Nothing is known of paths that are not in
 * it.
 */
export type Found<T> = ReadonlyMap<string, T | undefined>;

/** Looks at one file by itself. */
export type Alone<T> = (exec: ExecText) => Promise<T | undefined>;

/** Somebody who asks for a file. */
interface Request<T> {
  readonly path: string;
  readonly control: Control;
  readonly alone: Alone<T>;
  resolve(found: T | undefined | Promise<T | undefined>): void;
  reject(error: unknown): void;
}

/** Requests for files that come at once, answered together. */
export class Batcher<T> {
  readonly #exec: ExecLanes;
  readonly #look: (paths: readonly string[], control: Control) => Promise<Found<T>>;
  readonly #least: number;
  #waiting: Request<T>[] = [];

  /** `look` looks at all the files by one command; fewer than `least` are looked at one by one. */
  constructor(
    exec: ExecLanes,
    least: number,
    look: (paths: readonly string[], control: Control) => Promise<Found<T>>,
  ) {
    this.#exec = exec;
    this.#least = least;
    this.#look = look;
  }

  /** What `alone` would give, which is called only if the look at all files tells nothing of this one. */
  ask(path: string, control: Control, alone: Alone<T>): Promise<T | undefined> {
    if (!isPlain(path)) return alone(this.#exec.next);
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) setImmediate(() => this.flush());
      this.#waiting.push({ path, control, alone, resolve, reject });
    });
  }

  /** Answers the requests that have come, without waiting for more. */
  flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const some of portions(waiting)) void this.#answer(some);
  }

  async #answer(requests: readonly Request<T>[]): Promise<void> {
    const [first] = requests;
    if (!first) return;
    const paths = [...new Set(requests.map(({ path }) => path))];
    const { next, again } = this.#exec;
    if (paths.length < this.#least) {
      for (const { alone, resolve } of requests) resolve(alone(next));
      return;
    }
    try {
      const found = await this.#look(paths, first.control);
      for (const { path, alone, resolve } of requests) {
        resolve(found.has(path) ? found.get(path) : alone(again));
      }
    } catch (error) {
      for (const { reject } of requests) reject(error);
    }
  }
}

/**
 * Whether the path can be looked at with others: in what is printed files are told apart by their
 * absolute paths, a line each, and what they lie in is seen from the path itself.
 */
function isPlain(path: string): boolean {
  const names = path.split("/").slice(1);
  if (path === "/") return true;
  return /^\/[^\0\n]*$/.test(path) && names.length <= mostNames && names.every(isName);
}

function isName(name: string): boolean {
  return name !== "" && name !== "." && name !== "..";
}

/** The requests in portions that one command can look at, and one signal stops. */
function portions<T>(requests: readonly Request<T>[]): readonly (readonly Request<T>[])[] {
  const all: Request<T>[][] = [];
  let length = 0;
  for (const request of requests) {
    length += request.path.length;
    const last = all.at(-1);
    const isAlike = last?.[0]?.control.signal === request.control.signal;
    if (last && isAlike && last.length < mostFiles && length <= longestNames) {
      last.push(request);
    } else {
      all.push([request]);
      length = request.path.length;
    }
  }
  return all;
}
