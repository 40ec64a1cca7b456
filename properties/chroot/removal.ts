import { FailedChange, type PosixHost, script } from "../../engine/index.js";

/**
 * Nothing is left of the directory, and nothing that is mounted from elsewhere is touched: it is
 * unmounted first, and where that cannot be, nothing is removed.
 *
 * @throws FailedChange when the directory is a mount point itself, or something in it is in use
 */
export async function removeTree(host: PosixHost, directory: string): Promise<void> {
  // What is mounted may be shared with the machine's own /dev and the like: were it not made private
  // before, what is mounted below it would be unmounted there, too.
  const remove = script`d=${directory}
fail() { printf '%s\n' "$*" >&2; exit 1; }
[ ! -L "$d" ] || fail "$d is a link"
[ -e "$d" ] || exit 0
d=$(cd -P -- "$d" && pwd -P) || exit 1
at=$(printf %s "$d" | sed 's/\\\\/\\\\134/g; s/ /\\\\040/g; s/\\t/\\\\011/g')
export at
found() {
  awk '$5 == ENVIRON["at"] { print "self" }
index($5, ENVIRON["at"] "/") == 1 { found[++n] = $5 }
END { while (n > 0) print found[n--] }' /proc/self/mountinfo
}
each() { found | while IFS= read -r one; do "$@" "$(printf %b "$one")" || exit 1; done; }
case $(found) in *self*) fail "$d is a mount point";; esac
each mount --make-private && each umount || fail "something in $d is in use"
[ -z "$(found)" ] || fail "something is still mounted in $d"
exec rm -rf --one-file-system -- "$d"`;
  const { exitCode, stderr } = await host.run(remove, { mayFail: true });
  if (exitCode === 0) return;
  throw new FailedChange(`${directory} is not removed`, {
    output: stderr,
    hint: "end what runs in there, and what is mounted there by hand: findmnt --submounts",
  });
}
