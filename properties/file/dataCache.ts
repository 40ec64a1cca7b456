import { z } from "zod";
import { type LookingHost, posixProperty } from "../../engine/index.js";

/** No prerequisite data is kept on the host for the account: a later deployment sends it again. */
export const dataCachePurged = posixProperty<[]>("file.dataCachePurged", {
  args: z.tuple([]),
  desc: () => "no prerequisite data is kept",
  check: async (host) => !(await host.exists(await cacheOf(host))),
  apply: async (host) => {
    await host.remove([await cacheOf(host)], { recursive: true });
    return "changed";
  },
});

async function cacheOf(host: LookingHost): Promise<string> {
  return `${(await host.account()).home}/.cache/consfigurator/data`;
}
