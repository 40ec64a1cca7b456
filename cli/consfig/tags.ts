import { ConsfigError } from "../../engine/base/index.js";
import { type Host, prepareHost, tagsOf } from "../../engine/index.js";
import { Unprepared } from "../preflight.js";

/**
 * What tells the tags of a host. A host is prepared for that, once, and only when it is asked for.
 *
 * @throws Unprepared for a host that cannot be prepared: nobody knows then whether it is meant.
 */
export function tagging(): (host: Host) => readonly string[] {
  const known = new Map<Host, readonly string[]>();
  return (host) => {
    const tags = known.get(host) ?? readTags(host);
    known.set(host, tags);
    return tags;
  };
}

function readTags(host: Host): readonly string[] {
  try {
    return tagsOf(prepareHost(host));
  } catch (error) {
    if (!(error instanceof ConsfigError)) throw error;
    throw new Unprepared([{ host: host.host, error }]);
  }
}
