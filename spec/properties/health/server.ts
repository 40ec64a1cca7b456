import { after } from "node:test";
import { quoteWords } from "../../../engine/index.js";
import type { Place } from "../../helpers/places.js";
import { killIfThere } from "../../helpers/processes.js";

/** A server that is ended by itself a minute later at the latest, if nobody does. */
const program = `
use strict; use Socket; use POSIX;
my ($delay, $failures) = @ARGV;
socket(my $server, PF_INET, SOCK_STREAM, 0) or die; bind($server, sockaddr_in(0, INADDR_LOOPBACK)) or die;
my ($port) = sockaddr_in(getsockname($server));
my $pid = fork; if ($pid) { print "$port $pid"; exit }
POSIX::setsid(); alarm 60; close STDIN; close STDOUT; close STDERR;
select(undef, undef, undef, $delay); listen($server, 20) or die;
while (accept(my $client, $server)) {
  my $request = <$client> // next; while (($_ = <$client> // "\\r\\n") ne "\\r\\n") {}
  my ($path) = $request =~ m{^GET (\\S*)} or next;
  sleep 60 if $path eq "/hangs";
  my ($status, $body) = $path eq "/moved" ? ("302 Found\\r\\nLocation: /", "it is elsewhere")
    : $path eq "/long" ? ("200 OK", "x" x 2_000_000) : $failures-- > 0 ? ("503 Not Yet", "not ready") : ("200 OK", "all is well");
  $SIG{PIPE} = "IGNORE";
  print $client "HTTP/1.0 $status\\r\\nX-Secret-Of-The-Header: yes\\r\\nContent-Length: " . length($body) . "\\r\\n\\r\\n$body";
  close $client;
}`;

/** A web server of the host's 127.0.0.1. */
export interface Server {
  readonly port: number;
  readonly url: string;
}

/** It accepts connections after so many seconds, and is not ready for its first answers. */
export async function startServer(
  place: Pick<Place, "shell" | "view">,
  { delay = 0, failures = 0 }: { readonly delay?: number; readonly failures?: number } = {},
): Promise<Server> {
  const words = ["perl", "-e", program, delay, failures];
  const [port, pid] = (await place.shell(quoteWords(words))).split(" ").map(Number) as [
    number,
    number,
  ];
  // Those of hosts end with their hosts.
  if (place.view() === "") ours.push(pid);
  return { port, url: `http://127.0.0.1:${port}` };
}

const ours: number[] = [];
after(() => {
  // On a busy machine its minute may be over.
  for (const pid of ours) killIfThere(pid);
});
