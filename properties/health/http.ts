import type { Look } from "./look.js";

/** What an answer has to be like. */
export interface Answer {
  /** The lowest and the highest status. */
  readonly status: readonly [from: number, to: number];
  readonly bodyContains: string;
  readonly insecure: boolean;
}

// The headers of an answer are no part of its body, and wget cannot print both apart from each other:
// the body is asked for by itself. Of several answers, as wget follows redirections, the first counts.
const text = `
url=$1 from=$2 to=$3 text=$4 insecure=$5
unset http_proxy https_proxy all_proxy HTTPS_PROXY ALL_PROXY
if command -v curl >/dev/null; then
  get() { limited 5 curl -q -g -s -S \${insecure:+-k} "$@" "$url"; }
  seen=$(get -o /dev/null -D - 2>&1); code=$?
  body() { get; }
elif command -v wget >/dev/null; then
  get() { limited 5 wget \${insecure:+--no-check-certificate} "$@" "$url"; }
  seen=$(get -nv -S -O /dev/null 2>&1); code=$?
  body() { get -q -O -; }
else
  echo "neither curl nor wget is there to ask with"; return 127
fi
case $seen in *HTTP/*) status=\${seen#*HTTP/}; status=\${status#* }; status=\${status%%[!0-9]*} ;; *) status= ;; esac
if [ -z "$status" ] && [ "$code" -ge 124 ]; then echo "no answer"; return 1; fi
if [ -z "$status" ]; then printf '%s\\n' "$seen" | tail -n 1; return 1; fi
if [ "$status" -lt "$from" ] || [ "$status" -gt "$to" ]; then echo "status $status"; return 1; fi
if [ -z "$text" ]; then return 0; fi
case $(body 2>/dev/null | head -c 1000000) in
  *"$text"*) ;;
  *) echo "status $status, without the text"; return 1 ;;
esac`;

/** Whether what is asked for at the URL is answered like that. */
export function lookAtUrl(url: string, { status, bodyContains, insecure }: Answer): Look {
  return { text, words: [url, ...status, bodyContains, insecure ? "yes" : ""] };
}
