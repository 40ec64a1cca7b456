import assert from "node:assert/strict";
import { test } from "node:test";
import { CommandFailed, FailedChange, InvalidArgument, inOrder } from "../../engine/index.js";
import * as apt from "../../properties/apt.js";
import * as file from "../../properties/file.js";
import * as os from "../../properties/os.js";
import * as service from "../../properties/service.js";
import { type Place, placeOf } from "../helpers/places.js";
import { type PropertyCase, runCases } from "../helpers/propertyCases.js";

const said = [os.debianStable("bookworm", "amd64")];
const policy = "usr/sbin/policy-rc.d";

/** The processes that run the program, by their names. */
async function processes(place: Place, program: string): Promise<number> {
  return Number(await place.shell(`pgrep -cx ${program} || :`));
}

const runs = (program: string) => async (place: Place) =>
  assert.equal((await processes(place, program)) > 0, true, `${program} does not run`);
const rests = (program: string) => async (place: Place) =>
  assert.equal(await processes(place, program), 0, `${program} runs`);

test("a service's name is none that a program could take for something else", () => {
  for (const name of ["-x", "", "a b", "../x", "a/b", "a\nb", "$(x)"]) {
    assert.throws(() => service.running(name), InvalidArgument, JSON.stringify(name));
  }
});

const anyInit: PropertyCase[] = [
  {
    name: "a service runs, and does not when unapplied",
    system: true,
    prepare: (place) => place.shell("service cron stop || :"),
    props: () => service.running("cron"),
    outcome: "changed",
    verify: runs("cron"),
    unapplied: {},
    verifyUnapplied: rests("cron"),
  },
  {
    name: "a service that runs is stopped",
    system: true,
    prepare: (place) => place.shell("service cron start"),
    props: () => service.stopped("cron"),
    outcome: "changed",
    verify: rests("cron"),
  },
  {
    name: "a service is restarted each time, whether it ran or not",
    system: true,
    prepare: (place) => place.shell("service cron stop || :"),
    props: () => service.restarted("cron"),
    outcome: "changed",
    again: "changed",
    verify: runs("cron"),
  },
  {
    name: "a service that runs is reloaded each time",
    system: true,
    prepare: (place) => place.shell("service ssh start"),
    props: () => service.reloaded("ssh"),
    outcome: "changed",
    again: "changed",
  },
  {
    name: "a service that does not run needs no reloading",
    system: true,
    prepare: (place) => place.shell("service cron stop || :"),
    props: () => service.reloaded("cron"),
    outcome: "unchanged",
  },
  {
    name: "a service is started at boot, and is not when unapplied",
    system: true,
    prepare: (place) => place.shell("systemctl disable cron"),
    props: () => service.enabled("cron"),
    outcome: "changed",
    verify: async (place) => void (await place.shell("ls /etc/rc2.d/S*cron")),
    unapplied: {},
    verifyUnapplied: async (place) => void (await place.shell("! ls /etc/rc2.d/S*cron")),
  },
  {
    name: "a service that is not there is a failure",
    system: true,
    props: () => service.running("nosuch"),
    outcome: { fails: CommandFailed, says: /nosuch/ },
  },
  {
    name: "a service that ends at once is a failure",
    system: true,
    given: { "etc/webby.conf": "PORT=none\n" },
    prepare: (place) =>
      place.shell("apt-get -qq -o Dpkg::Options::=--force-confold install webby || :"),
    props: () => service.running("webby"),
    outcome: { fails: FailedChange, says: /webby.*does not run.*journalctl/s },
  },
];

const withPolicy: PropertyCase[] = [
  {
    name: "no service is started on a host without services, by nobody",
    system: true,
    said,
    prepare: (place) => place.shell("service cron stop || :"),
    props: () => inOrder(service.noServices(), apt.installed("webby"), service.running("cron")),
    outcome: "changed",
    verify: async (place) => {
      await rests("busybox")(place);
      await rests("cron")(place);
    },
  },
  {
    name: "services may be started again when it is unapplied",
    system: true,
    props: () => service.noServices(),
    outcome: "changed",
    becomes: { [policy]: { content: noServicesText(), mode: 0o755 } },
    unapplied: {},
  },
  {
    name: "a policy of the host's own is heeded",
    system: true,
    given: { [policy]: { content: "#!/bin/sh\n[ $1 = cron ] && exit 101\nexit 0\n", mode: 0o755 } },
    prepare: (place) => place.shell("service cron stop || :"),
    props: () => inOrder(service.running("cron"), service.restarted("cron")),
    outcome: "unchanged",
    verify: rests("cron"),
  },
  {
    name: "no service is started meanwhile, and all is as before then",
    system: true,
    said,
    prepare: (place) => place.shell(`printf 'exit 0\\n' >/${policy} && chmod 700 /${policy}`),
    props: () => service.withoutStartingServices(apt.installed("webby")),
    outcome: "changed",
    verify: async (place) => {
      await rests("busybox")(place);
      assert.equal(await place.shell(`cat /${policy}; stat -c %a /${policy}`), "exit 0\n700\n");
    },
  },
  {
    name: "no service is started meanwhile, and no policy stays where there was none",
    system: true,
    said,
    props: () =>
      inOrder(
        service.withoutStartingServices(apt.installed("webby"), service.running("webby")),
        file.doesNotExist(`/${policy}`),
      ),
    outcome: "changed",
    verify: async (place) => {
      await rests("busybox")(place);
      await place.shell(`! ls /${policy}*`);
    },
  },
  {
    name: "a policy that is made meanwhile stays",
    system: true,
    props: () => service.withoutStartingServices(service.noServices()),
    outcome: "changed",
    becomes: { [policy]: { content: noServicesText(), mode: 0o755 } },
    verify: async (place) => void (await place.shell(`! ls /${policy}.*`)),
  },
  {
    name: "all is as before also when something fails",
    system: true,
    given: { [policy]: { content: "#!/bin/sh\nexit 0\n", mode: 0o755 } },
    props: () => service.withoutStartingServices(file.hasMode("/nosuch", 0o600)),
    outcome: { fails: FailedChange },
    verify: async (place) => void (await place.shell(`! ls /${policy}.*`)),
  },
  {
    name: "what an earlier deployment left behind when it broke off is put right",
    system: true,
    prepare: async (place) => {
      await place.shell(`printf 'exit 0\\n' >/${policy}.consfig-aside`);
      const left = noServicesText("until the running deployment has ended");
      await place.shell(`printf %s '${left}' >/${policy} && chmod 755 /${policy}`);
    },
    props: () => service.withoutStartingServices(file.hasContent("/opt/x", "x")),
    outcome: "changed",
    verify: async (place) => {
      assert.equal(await place.shell(`cat /${policy}`), "exit 0\n");
      await place.shell(`! ls /${policy}.*`);
    },
  },
];

function noServicesText(until = "on this host"): string {
  return `#!/bin/sh\n# Services are not started ${until}.\nexit 101\n`;
}

/** Programs that behave like those of OpenRC, for one service whose state is kept in files. */
const openRc = `
mkdir -p /run/rc && cat >/usr/local/sbin/rc-service <<'END'
#!/bin/sh
[ "$1" = web ] || { echo "rc-service: service \\\`$1' does not exist" >&2; exit 1; }
case $2 in
  start) touch /run/rc/started ;;
  stop) rm /run/rc/started ;;
  restart) touch /run/rc/started /run/rc/restarted ;;
  status) [ -e /run/rc/started ] || exit 3 ;;
esac
END
cat >/usr/local/sbin/rc-update <<'END'
#!/bin/sh
case $1 in
  show) echo "             webby | default"; [ ! -e /run/rc/enabled ] || echo "               web |      default" ;;
  add) [ "$2 $3" = "web default" ] && touch /run/rc/enabled ;;
  delete) [ "$2 $3" = "web default" ] && rm /run/rc/enabled ;;
esac
END
chmod 755 /usr/local/sbin/rc-*
mv /usr/bin/systemctl /usr/bin/systemctl.hidden
`;

const withOpenRc: PropertyCase[] = [
  {
    name: "a service runs, and does not when unapplied",
    system: true,
    prepare: (place) => place.shell(openRc),
    props: () => service.running("web"),
    outcome: "changed",
    verify: async (place) => void (await place.shell("test -e /run/rc/started")),
    unapplied: {},
    verifyUnapplied: async (place) => void (await place.shell("! test -e /run/rc/started")),
  },
  {
    name: "a service is started at boot, and is not when unapplied",
    system: true,
    prepare: (place) => place.shell(openRc),
    props: () => service.enabled("web"),
    outcome: "changed",
    verify: async (place) => void (await place.shell("test -e /run/rc/enabled")),
    unapplied: {},
    verifyUnapplied: async (place) => void (await place.shell("! test -e /run/rc/enabled")),
  },
];

const [plain, systemd] = [placeOf("plain"), placeOf("systemd")];
runCases("service", anyInit, [plain, systemd]);
runCases("service and policies", withPolicy, [plain]);
runCases("service of OpenRC", withOpenRc, [plain]);
