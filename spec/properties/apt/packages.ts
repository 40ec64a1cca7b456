/** What the specs of packages have in common. */
import assert from "node:assert/strict";
import * as os from "../../../properties/os/index.js";
import type { Place } from "../../helpers/places.js";

/** What is said of a host before anything of apt can be. */
export const said = [os.debianStable("bookworm", "amd64")];

/** `name version status` of the packages, by dpkg's own word. */
async function status(place: Place, ...names: string[]): Promise<string> {
  const format = ["Package", "Version", "db:Status-Status"].map((field) => `\${${field}}`);
  return place.shell(
    `dpkg-query -W -f '${format.join(" ")}\\n' ${names.join(" ")} 2>/dev/null || :`,
  );
}

/** Of the packages, those are there, in these versions and states. */
export const has =
  (expected: string, ...names: string[]) =>
  async (place: Place) =>
    assert.equal((await status(place, ...names)).trim(), expected);

/** A log of how often apt-get was called, whoever called it. */
export const countApt = (place: Place) =>
  place.shell(`cat >/usr/local/sbin/apt-get <<'END'
#!/bin/sh
echo "$@" >>/run/apt-calls
exec /usr/bin/apt-get "$@"
END
chmod 755 /usr/local/sbin/apt-get`);

/** Shell text that makes a repository in the directory, with one package in one version. */
export function repository(directory: string, name: string, version: string): string {
  return `set -e; rm -rf /tmp/tree; mkdir -p ${directory} /tmp/tree/DEBIAN; cd /tmp/tree
cat >DEBIAN/control <<'END'
Package: ${name}
Version: ${version}
Architecture: all
Maintainer: Spec <spec@localhost>
Description: test package
END
dpkg-deb --build . ${directory}/${name}.deb >/dev/null; cd ${directory}
{ dpkg-deb --field ${name}.deb; echo "Filename: ./${name}.deb"
echo "Size: $(stat -c %s ${name}.deb)"; echo "SHA256: $(sha256sum <${name}.deb | cut -d' ' -f1)"; } >Packages
`;
}
