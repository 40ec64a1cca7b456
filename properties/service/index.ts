/** Services, whichever init system the host has. */
import { z } from "zod";
import {
  FailedChange,
  type LookingHost,
  posixProperty,
  script,
  type Words,
} from "../../engine/index.js";
import { mayStart } from "./policy.js";

export { noServices, noServicesAttr, withoutStartingServices } from "./policy.js";

/** The schema of a service's name: none that a program takes for an option or a path. */
export const serviceName = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.:@\\+-]*$/, "expected the name of a service");

const oneService = z.tuple([serviceName]);

/** The command that does something to a service in the way of the init system the host runs. */
function control(name: string, verb: string): Words {
  return script`if [ -d /run/systemd/system ]; then exec systemctl ${verb} -- ${name}; fi
if command -v rc-service >/dev/null; then exec rc-service ${name} ${verb}; fi
exec service ${name} ${verb}`;
}

/** The command that looks whether a service runs: with exit code 0 if it does. */
function status(name: string): Words {
  return script`if [ -d /run/systemd/system ]; then exec systemctl is-active --quiet -- ${name}; fi
if command -v rc-service >/dev/null; then exec rc-service ${name} status; fi
exec service ${name} status`;
}

function runs(host: LookingHost, name: string): Promise<boolean> {
  return host.test(status(name));
}

/**
 * The service runs, and still does a second after it was started, unless services are not started on the
 * host. Unapplied: it does not run.
 * Whether it runs after the next boot is another matter: {@link enabled}.
 */
export const running = posixProperty<[service: string]>("service.running", {
  args: oneService,
  desc: (name) => `${name} running`,
  async check(host, name) {
    const [already, may] = await Promise.all([runs(host, name), mayStart(host, name)]);
    return already || !may;
  },
  async apply(host, name) {
    await host.run(control(name, "start"));
    // One look could come before the end of a service that ends at once.
    const settled = script`seen=0
for second in 1 2 3 4 5 6; do
  if ${status(name)} >/dev/null 2>&1; then seen=$((seen + 1)); else seen=0; fi
  [ "$seen" -lt 2 ] || exit 0
  sleep 1
done
exit 1`;
    if (await host.test(settled)) return "changed";
    throw new FailedChange(`${name} was started and does not run`, {
      hint: `its log tells why: journalctl -u ${name}, or a file in /var/log`,
    });
  },
  async unapply(host, name) {
    if (!(await runs(host, name))) return "unchanged";
    await host.run(control(name, "stop"));
    return "changed";
  },
});

/** The service does not run. Whether it will after the next boot is another matter. */
export const stopped = posixProperty<[service: string]>("service.stopped", {
  args: oneService,
  desc: (name) => `${name} stopped`,
  check: async (host, name) => !(await runs(host, name)),
  async apply(host, name) {
    await host.run(control(name, "stop"));
    return "changed";
  },
});

/** The service has been started anew, unless services are not started on the host. For `onChange`. */
export const restarted = posixProperty<[service: string]>("service.restarted", {
  args: oneService,
  desc: (name) => `${name} restarted`,
  async apply(host, name) {
    if (!(await mayStart(host, name))) return "unchanged";
    await host.run(control(name, "restart"));
    return "changed";
  },
});

/** The service, if it runs, has read its configuration anew. For `onChange`. */
export const reloaded = posixProperty<[service: string]>("service.reloaded", {
  args: oneService,
  desc: (name) => `${name} reloaded`,
  async apply(host, name) {
    if (!(await runs(host, name))) return "unchanged";
    await host.run(control(name, "reload"));
    return "changed";
  },
});

/** Whether the service is started at boot. */
function isEnabled(host: LookingHost, name: string): Promise<boolean> {
  return host.test(script`if command -v systemctl; then exec systemctl is-enabled --quiet -- ${name}; fi
if command -v rc-update; then
  rc-update show | awk -v name=${name} '$1 == name && NF > 2 { found = 1 } END { exit !found }'
else
  set -- /etc/rc[2345].d/S[0-9][0-9]${name}
  [ -e "$1" ]
fi`);
}

/** The service is started when the host boots. Unapplied: it is not, unless others start it. */
export const enabled = posixProperty<[service: string]>("service.enabled", {
  args: oneService,
  desc: (name) => `${name} enabled`,
  check: isEnabled,
  async apply(host, name) {
    await host.run(script`if command -v systemctl; then exec systemctl enable -- ${name}; fi
if command -v rc-update; then exec rc-update add ${name} default; fi
update-rc.d ${name} defaults && update-rc.d ${name} enable`);
    return "changed";
  },
  async unapply(host, name) {
    await host.run(script`if command -v systemctl; then exec systemctl disable -- ${name}; fi
if command -v rc-update; then exec rc-update delete ${name} default; fi
update-rc.d ${name} disable`);
    return (await isEnabled(host, name)) ? "unchanged" : "changed";
  },
});
