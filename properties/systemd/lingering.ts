import { z } from "zod";
import { posixProperty, sh } from "../../engine/index.js";
import { accountName } from "../user/shared.js";
import { systemdRuns } from "./systemctl.js";

const lingerFile = (user: string) => `/var/lib/systemd/linger/${user}`;

/**
 * The user has a systemd of its own from boot on, whether logged in or not. Unapplied: only while
 * logged in. Where systemd does not run, it will be so once it does.
 */
export const lingeringEnabled = posixProperty<[user: string]>("systemd.lingeringEnabled", {
  args: z.tuple([accountName]),
  desc: (user) => `lingering of ${user}`,
  check: (host, user) => host.exists(lingerFile(user)),
  async apply(host, user) {
    if (await systemdRuns(host, {})) {
      await host.run(sh`loginctl enable-linger -- ${user}`);
      // The user's systemd takes a moment to start, and properties of its units may come next.
      const uid = (await host.query(sh`id -u -- ${user}`)).lines[0] ?? "";
      await host.run(sh`systemctl start -- user@${uid}.service`);
    } else {
      await host.makeDirectory("/var/lib/systemd/linger");
      await host.writeFile(lingerFile(user), "");
    }
    return "changed";
  },
  async unapply(host, user) {
    if (await systemdRuns(host, {})) await host.run(sh`loginctl disable-linger -- ${user}`);
    else await host.remove([lingerFile(user)]);
    return "changed";
  },
});
