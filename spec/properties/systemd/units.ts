/** What the specs of units have in common. */
import assert from "node:assert/strict";
import type { Place } from "../../helpers/places.js";

/** The text of a service's unit. */
export const unit = (command: string, more = "") =>
  `[Service]\nExecStart=${command}\n${more}[Install]\nWantedBy=multi-user.target\n`;
/** A service that does nothing, for ever. */
export const sleeper = unit("/bin/sleep infinity");
/** Where the unit web.service is. */
export const web = "etc/systemd/system/web.service";

/** There is a unit web.service, which systemd knows. */
export const plantWeb = (content = sleeper) => ({
  given: { [web]: content },
  prepare: (place: Place) => place.shell("systemctl daemon-reload"),
});

/** What systemctl says of the unit. */
export const is =
  (verb: string, expected: string, name = "web.service") =>
  async (place: Place) =>
    assert.equal((await place.shell(`systemctl ${verb} ${name} || :`)).trim(), expected);
