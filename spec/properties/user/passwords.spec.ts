import assert from "node:assert/strict";
import { after, before } from "node:test";
import { FailedChange, MissingData } from "../../../engine/index.js";
import { registerDataSource, resetDataSources } from "../../../engine/model/data.js";
import * as user from "../../../properties/user/index.js";
import type { Place } from "../../helpers/places.js";
import { runCases } from "../../helpers/propertyCases.js";

const hash =
  "$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/";
const data: Readonly<Record<string, string>> = {
  "--user-passwd-hash--cases.example alice": `${hash}\n`,
  "--user-passwd-hash--cases.example admin": "secret in the clear\n",
  "--user-passwd--cases.example alice": "a:b 'c' $d\n",
};

before(() =>
  registerDataSource({
    description: "passwords of a spec",
    version: async (iden1, iden2) => (data[`${iden1} ${iden2}`] ? "1" : undefined),
    read: async (iden1, iden2) => Buffer.from(data[`${iden1} ${iden2}`] ?? ""),
  }),
);
after(resetDataSources);

async function field(place: Place, name: string): Promise<string> {
  return (await place.shell(`getent shadow ${name} | cut -d: -f2`)).trim();
}

runCases("passwords", [
  {
    name: "a password is locked, and unlocked again",
    system: true,
    props: () => user.hasLockedPassword("alice"),
    outcome: "changed",
    verify: async (place) => assert.match(await field(place, "alice"), /^!\$/),
    unapplied: {},
    verifyUnapplied: async (place) => assert.match(await field(place, "alice"), /^\$/),
  },
  {
    name: "an account without a password is as good as locked",
    system: true,
    props: () => user.hasLockedPassword("noisy"),
    outcome: "unchanged",
  },
  {
    name: "a password has the hash of the prerequisite data",
    system: true,
    props: () => user.hasPasswordHash("alice"),
    outcome: "changed",
    verify: async (place) => assert.equal(await field(place, "alice"), hash),
  },
  {
    name: "what is no hash is refused, and not shown",
    system: true,
    props: () => user.hasPasswordHash("admin"),
    outcome: { fails: FailedChange, says: /^(?!.*in the clear).*is no hash/ },
  },
  {
    name: "data that nobody has are a failure",
    system: true,
    props: () => user.hasPasswordHash("noisy"),
    outcome: { fails: MissingData },
  },
  {
    name: "a locked account gets the password of the prerequisite data",
    system: true,
    prepare: (place) => place.shell("usermod --password '!' alice"),
    props: () => user.hasEnabledPassword("alice"),
    outcome: "changed",
    verify: async (place) => {
      const prompt = "su -s /bin/sh -c 'su alice -c id' noisy";
      const said = await place.shell(`printf '%s\\n' "a:b 'c' \\$d" | ${prompt}`);
      assert.match(said, /alice/);
    },
  },
  {
    name: "whoever has a password keeps it",
    system: true,
    props: () => user.hasEnabledPassword("alice"),
    outcome: "unchanged",
  },
]);
