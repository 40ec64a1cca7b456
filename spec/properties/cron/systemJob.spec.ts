import assert from "node:assert/strict";
import { getPriority } from "node:os";
import { AbortedChange, inOrder } from "../../../engine/index.js";
import * as cron from "../../../properties/cron/index.js";
import { placeOf } from "../../helpers/places.js";
import { type PropertyCase, runCases } from "../../helpers/propertyCases.js";

const path = "PATH=/usr/local/sbin:/usr/local/bin:/sbin:/bin:/usr/sbin:/usr/bin";
const mailJob = "etc/cron.d/fetch_20_mail_2E_now";

const system: PropertyCase[] = [
  {
    name: "a job of the system at certain times, in a file that cron does not ignore",
    system: true,
    props: () =>
      cron.systemJob("fetch mail.now", "*/5 * * * *", "alice", "fetch 'it all' >&2; date +%F"),
    outcome: "changed",
    becomes: {
      [mailJob]: `# fetch mail.now
SHELL=/bin/sh
${path}
*/5 * * * * alice flock -n -E 0 /${mailJob} sh -c 'fetch '\\''it all'\\'' >&2; date +\\%F'
`,
    },
    unapplied: {},
  },
  {
    name: "a job of the system once a day, as a user",
    system: true,
    props: () => cron.systemJob("who", "daily", "alice", "id -un >/tmp/who"),
    outcome: "changed",
    becomes: {
      "etc/cron.daily/who": {
        content: `#!/bin/sh
# who
${path}; export PATH
exec runuser -u alice -- flock -n -E 0 /etc/cron.daily/who sh -c 'id -un >/tmp/who'
`,
        mode: 0o755,
      },
    },
    verify: async (place) => {
      await place.shell("run-parts --list /etc/cron.daily | grep -x /etc/cron.daily/who");
      await place.shell("/etc/cron.daily/who");
      assert.equal(await place.shell("cat /tmp/who"), "alice\n");
    },
    unapplied: {},
  },
  {
    name: "a job that gets other times is not run at the old ones any more",
    system: true,
    given: { "etc/cron.daily/tidy": { content: "#!/bin/sh\n", mode: 0o755 } },
    props: () => cron.systemJob("tidy", "weekly", "root", "tidy"),
    outcome: "changed",
    becomes: {
      "etc/cron.weekly/tidy": {
        content: `#!/bin/sh\n# tidy\n${path}; export PATH\nexec flock -n -E 0 /etc/cron.weekly/tidy sh -c tidy\n`,
        mode: 0o755,
      },
    },
    unapplied: {},
  },
  {
    name: "a job that still runs is not started once more",
    system: true,
    props: () => cron.systemJob("slow", "hourly", "root", "echo ran; sleep 1"),
    outcome: "changed",
    verify: async (place) =>
      assert.equal(await place.shell("cd /etc/cron.hourly; ./slow & ./slow; wait"), "ran\n"),
  },
  {
    name: "a job that yields to all others",
    system: true,
    props: () => cron.niceSystemJob("load", "monthly", "root", "nice; ionice"),
    outcome: "changed",
    verify: async (place) => {
      // The specs themselves may yield to others already.
      const niceness = Math.min(getPriority() + 10, 19);
      const printed = await place.shell("/etc/cron.monthly/load");
      assert.match(printed, new RegExp(`^${niceness}\nidle`));
    },
    unapplied: {},
  },
  {
    name: "a host without cron is told apart from one that runs the job",
    system: true,
    prepare: (place) => place.shell("rm -r /etc/cron.d"),
    props: () => cron.systemJob("tidy", "@daily", "root", "tidy"),
    outcome: { fails: AbortedChange, says: /no cron.*serviceInstalledRunning/s },
  },
];

runCases("cron", system);
runCases(
  "cron at work",
  [
    {
      name: "cron runs a user's job and a job of the system",
      system: true,
      props: () =>
        inOrder(
          cron.userCrontabSets({ GREETING: "good day" }, { user: "alice" }),
          cron.userCrontabContains("hi", "* * * * *", 'echo "$GREETING" >$HOME/50%', {
            user: "alice",
          }),
          cron.systemJob("all of it.", "* * * * *", "alice", "id -un >/tmp/50%; sleep 100"),
        ),
      outcome: "changed",
      verify: async (place) => {
        await place.shell(
          "for i in $(seq 700); do [ -s /home/alice/50% ] && [ -s /tmp/50% ] && exit; sleep 0.1; done; exit 1",
        );
        assert.equal(await place.shell("cat /home/alice/50% /tmp/50%"), "good day\nalice\n");
      },
    },
  ],
  [placeOf("systemd")],
);
