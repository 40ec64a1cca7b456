import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { ownLibc, type PosixHost, script } from "../../engine/index.js";
import { type Machine, ownMachine } from "./machine.js";
import { placeFunctions } from "./places.js";

/** This process's own program. */
interface Runtime {
  readonly compressed: Uint8Array;
  readonly bytes: number;
  readonly sha256: string;
}

let ownRuntime: Promise<Runtime> | undefined;

/** The runtime, compressed once for all hosts. Level 6 would take twice as long and save a twentieth. */
async function compressedRuntime(): Promise<Runtime> {
  const program = await readFile(process.execPath);
  return {
    compressed: await promisify(gzip)(program, { level: 3 }),
    bytes: program.length,
    sha256: createHash("sha256").update(program).digest("hex"),
  };
}

/** This process's own Node is on the host, in the account's cache; or else why it cannot be. */
export async function uploadRuntime(
  host: PosixHost,
  machine: Machine,
): Promise<string | undefined> {
  const obstacle = obstacleOn(machine);
  if (obstacle !== undefined) return obstacle;
  ownRuntime ??= compressedRuntime();
  const { compressed, bytes, sha256 } = await ownRuntime;
  if (machine.freeKiB !== undefined && machine.freeKiB * 1024 < bytes) {
    return `${machine.home} has ${machine.freeKiB} KiB free, and ${Math.ceil(bytes / 1024)} are needed`;
  }
  const { version } = process;
  host.inform(`uploads Node ${version}: ${compressed.length} bytes, ${bytes} once unpacked`);
  const name = `${version}-${machine.system}-${machine.machine}-${ownLibc()}`;
  const check = machine.hasSha256
    ? `printf "%s  %s\\n" "$sum" "$new/node" | sha256sum -c - >/dev/null`
    : `[ "$(wc -c <"$new/node")" -eq "$size" ]`;
  // The runtime appears as a whole, and only if it runs there.
  const { stdout, exitCode, stderr } = await host.run(
    [
      ...script`umask 077; name=$1 sum=$2 size=$3 check=$4; eval "$5"
      # Each directory is looked at before anything is made in it.
      make() {
        top=$1; shift
        for part; do
          top=$top/$part
          mkdir -- "$top" 2>/dev/null || [ -d "$top" ] || { _why="$top cannot be made"; return 1; }
          _own "$top" || return 1
        done
        chmod 700 "\${top%/*}" "$top" && new=$(mktemp -d "$top/.new.XXXXXX") || return 1
        _runs "$new" || { rmdir -- "$new"; return 1; }
      }
      make "$HOME" .cache consfigurator node || { why=$_why
        make /var/lib consfigurator node || make /var/tmp "consfigurator-$_me" node || {
          echo "$why"; exit 1; }; }
      trap 'rm -rf -- "$new"' EXIT; trap "exit 143" TERM HUP INT
      gzip -dc >"$new/node" || { echo "it does not unpack"; exit 1; }
      eval "$check" || { echo "it does not arrive whole"; exit 1; }
      chmod 700 "$new/node"
      said=$("$new/node" --version 2>&1 </dev/null) || { echo "it does not run there: $said"; exit 1; }
      if ! mv -T -- "$new" "$top/$name" 2>/dev/null; then
        mv -f -- "$new/node" "$top/$name/node" || exit 1
      fi
      for old in "$top"/v*-"\${name#*-}"; do
        if [ "$old" != "$top/$name" ]; then rm -rf -- "$old"; fi
      done
      find "$top" -name ".new.*" -prune -mmin +60 -exec rm -rf {} + 2>/dev/null
      printf "%s" "$said"`,
      "sh",
      name,
      sha256,
      bytes,
      check,
      placeFunctions,
    ],
    { stdin: compressed, mayFail: true },
  );
  if (exitCode !== 0) return [stdout.trim(), stderr.trim()].filter(Boolean).join(": ");
  return stdout.trim() === version ? undefined : `it says that it is ${stdout}`;
}

/** Why what runs here cannot run there. */
function obstacleOn({ system, machine, hasLoader, hasGzip }: Machine): string | undefined {
  const own = ownMachine();
  if (system !== own.system || machine !== own.machine) {
    return `this process's own Node is for ${own.system} ${own.machine}, the host is ${system} ${machine}`;
  }
  if (!hasLoader) return `this process's own Node needs ${ownLibc()}, which the host does not have`;
  if (!hasGzip) return "there is no gzip on the host";
  return undefined;
}
