import assert from "node:assert/strict";
import type { Place } from "../../helpers/places.js";

/** The processes that run the program, by their names. */
async function processes(place: Place, program: string): Promise<number> {
  return Number(await place.shell(`pgrep -cx ${program} || :`));
}

/** Some process runs the program. */
export const runs = (program: string) => async (place: Place) =>
  assert.equal((await processes(place, program)) > 0, true, `${program} does not run`);
/** No process runs the program. */
export const rests = (program: string) => async (place: Place) =>
  assert.equal(await processes(place, program), 0, `${program} runs`);
