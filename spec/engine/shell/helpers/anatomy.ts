/** Which process of a session is which, for specs. */
import assert from "node:assert/strict";
import { family, type Process, until } from "../../../helpers/processes.js";
import type { Program } from "./shells.js";

/** The processes that a session consists of on the host. */
export interface Anatomy {
  readonly main: number;
  readonly dispatcher: number;
  readonly keeper: number;
  readonly executor: number;
}

/** The processes of the session in that program. */
export async function anatomy(program: Program): Promise<Anatomy> {
  const main = program.child.pid;
  assert.ok(main !== undefined);
  const starting = (text: string) => (one: Process) => one.command.includes(` -c ${text}`);
  const find = (): Anatomy | undefined => {
    const all = family(main);
    const keeper = all.find(starting('trap "" TERM HUP INT'));
    const executor = all.find(starting("IFS= read -r _k; IFS= read -r _s;"));
    // Of those that are what the first shell has forked, the one that starts nothing.
    const dispatcher = all.find(
      ({ pid, command }) =>
        command === all[0]?.command && !all.some((other) => other.parent === pid),
    );
    return keeper && executor && dispatcher
      ? { main, dispatcher: dispatcher.pid, keeper: keeper.pid, executor: executor.pid }
      : undefined;
  };
  let found: Anatomy | undefined;
  await until(() => {
    found = find();
    return found !== undefined;
  }, "a whole session");
  return found as Anatomy;
}
