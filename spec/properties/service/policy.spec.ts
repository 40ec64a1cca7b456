import assert from "node:assert/strict";
import { FailedChange, inOrder, unapplied } from "../../../engine/index.js";
import * as apt from "../../../properties/apt/index.js";
import * as file from "../../../properties/file/index.js";
import * as os from "../../../properties/os/index.js";
import * as service from "../../../properties/service/index.js";
import { placeOf } from "../../helpers/places.js";
import { type PropertyCase, runCases } from "../../helpers/propertyCases.js";
import { rests } from "./processes.js";

const said = [os.debianStable("bookworm", "amd64")];
const policy = "usr/sbin/policy-rc.d";

function noServicesText(until = "on this host"): string {
  return `#!/bin/sh\n# Services are not started ${until}.\nexit 101\n`;
}

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
    name: "a policy of the host's own is not removed",
    system: true,
    given: { [policy]: { content: "#!/bin/sh\nexit 0\n", mode: 0o755 } },
    props: () => unapplied(service.noServices()),
    outcome: "unchanged",
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

runCases("service and policies", withPolicy, [placeOf("plain")]);
