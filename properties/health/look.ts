/** Looking whether a service answers, again and again, in one command on the host. */
import {
  type LookingHost,
  lastLines,
  type PosixHost,
  Unhealthy,
  type Words,
} from "../../engine/index.js";

/** A look at a service. */
export interface Look {
  /**
   * Body of a shell function that takes `words`. It succeeds if all is well, else it prints what it
   * saw; {@link neverWell} says that it never can be. `limited SECONDS WORD…` runs a command for so
   * long at most; `$left` seconds are left.
   */
  readonly text: string;
  readonly words: Words;
}

/** What a shell says of a program that is not there. */
const neverWell = 127;
/** How long one attempt may take; `$left` is never less. */
const lookSeconds = 5;
/** Where nothing on the host can end a look, this process ends it, so much later. */
const graceSeconds = 15;

// Without --foreground the command would be in a group of its own, and go on when all else is ended.
const limited = `
by=
for way in "--foreground -k 1" "-k 1"; do
  if [ -z "$by" ] && timeout $way 1 true; then by="timeout $way"; fi
done 2>/dev/null
limited() {
  seconds=$1; shift
  if [ -n "$by" ]; then $by "$seconds" "$@"; else "$@"; fi
}`;

const loop = `
end=$(($(date +%s) + $1)); shift
while :; do
  left=$((end - $(date +%s)))
  if [ "$left" -lt ${lookSeconds} ]; then left=${lookSeconds}; fi
  seen=$(look "$@" 2>&1); code=$?
  if [ "$code" -eq 0 ]; then exit 0; fi
  if [ "$code" -eq ${neverWell} ] || [ "$(date +%s)" -ge "$end" ]; then break; fi
  sleep 1
done
printf '%s\\n' "$seen" | tail -n 20
exit "$((code == ${neverWell} ? code : 1))"`;

function untilWell({ text, words }: Look, seconds: number): Words {
  const program = `${limited}\nlook() {\n${text}\n}\n${loop}`;
  return ["sh", "-c", program, "sh", seconds, ...words];
}

/** Whether all is well now. */
export function isWell(host: LookingHost, look: Look): Promise<boolean> {
  return host.test(untilWell(look, 0), { timeoutMs: graceSeconds * 1000 });
}

/**
 * All is well, at once or within that time. Nothing is changed by that.
 *
 * @throws Unhealthy which says what was seen last
 */
export async function becomesWell(
  host: PosixHost,
  look: Look,
  seconds: number,
  trouble: (seen: string) => { readonly text: string; readonly output?: string },
): Promise<"unchanged"> {
  const { exitCode, stdout, stderr } = await host.run(untilWell(look, seconds), {
    mayFail: true,
    timeoutMs: (seconds + graceSeconds) * 1000,
  });
  if (exitCode === 0) return "unchanged";
  const { text, ...facts } = trouble(lastLines(stdout.trim() || stderr.trim() || "no answer"));
  const waited = exitCode === neverWell ? "" : `, after ${seconds} s`;
  throw new Unhealthy(`${text}${waited}`, {
    ...facts,
    hint: "the log of the service that should answer tells more",
  });
}
