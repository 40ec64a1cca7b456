/**
 * Web servers, and the baseline that all of one's machines have: packages, people with their keys,
 * configuration, a service that is told of changes, and a command that is run when it has to be.
 */
import { type Chain, described, host, onChange, sh } from "consfigurator";
import { ssh } from "consfigurator/connections/ssh";
import * as apt from "consfigurator/properties/apt";
import * as cmd from "consfigurator/properties/cmd";
import * as file from "consfigurator/properties/file";
import * as os from "consfigurator/properties/os";
import * as service from "consfigurator/properties/service";
import * as keys from "consfigurator/properties/ssh";
import * as user from "consfigurator/properties/user";

/** Who works on the machines, and with which key. */
const people = {
  alice: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f alice",
  bob: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICAhIiMkJSYnKCkqKywtLi8wMTIzNDU2Nzg5Ojs8PT4/ bob",
};

const baseline = described(
  "the baseline of all machines",
  apt.installed("ca-certificates", "curl", "htop", "rsync", "sudo", "vim-tiny"),
  ...Object.entries(people).flatMap(([name, key]) => [
    user.hasAccount(name, { shell: "/bin/bash", groups: ["sudo"] }),
    keys.authorizedKeys({ user: name, exclusive: true }, key),
  ]),
  file.hasContent("/etc/motd", "This machine is as its consfig says: change it there."),
  file.hasContent("/etc/sudoers.d/people", "%sudo ALL=(ALL:ALL) NOPASSWD: ALL", { mode: 0o440 }),
  file.hasContent("/etc/profile.d/umask.sh", "umask 027"),
  file.hasContent("/etc/sysctl.d/60-web.conf", [
    "net.core.somaxconn = 1024",
    "net.ipv4.tcp_syncookies = 1",
  ]),
  file.containsIniSettings(
    "/etc/systemd/journald.conf",
    ["Journal", "Storage", "persistent"],
    ["Journal", "SystemMaxUse", "500M"],
  ),
  file.containsConfSpace("/etc/login.defs", { UMASK: "027" }),
);

const site = "/srv/www";
const parameters = "/etc/nginx/dhparam.pem";

/** The server's configuration: whatever changes in it, nginx checks and reads it anew. */
const nginx = [
  file.hasContent("/etc/nginx/conf.d/tokens.conf", "server_tokens off;"),
  file.hasContent("/etc/nginx/conf.d/compression.conf", ["gzip_vary on;", "gzip_types text/css;"]),
  file.hasContent("/etc/nginx/snippets/headers.conf", "add_header X-Frame-Options DENY;"),
  file.hasContent("/etc/nginx/sites-available/site", [
    "server {",
    "  listen 80 default_server;",
    "  include snippets/headers.conf;",
    `  root ${site};`,
    "}",
  ]),
  file.symlinked("/etc/nginx/sites-enabled/default", "/etc/nginx/sites-available/site"),
];

/** A web server of that name, reached as uid 0 over SSH unless another chain is given. */
export function webServer(name: string, deploy: Chain = [ssh({ user: "root" })]) {
  return host(
    name,
    { deploy },
    os.debianStable("bookworm", "amd64"),
    baseline,
    apt.installed("nginx", "openssl"),
    file.directoryExists(site, { mode: 0o755 }),
    file.hasContent(`${site}/index.html`, `<!doctype html>\n<title>${name}</title>`),
    file.hasContent(`${site}/robots.txt`, ["User-agent: *", "Disallow:"]),
    described(
      "parameters of its own for key exchange",
      cmd.single(sh`openssl dhparam -dsaparam -out ${parameters} 2048`, { creates: parameters }),
    ),
    ...nginx.map((part) => onChange(part, cmd.single(sh`nginx -t -q`), service.reloaded("nginx"))),
    service.enabled("nginx"),
    service.running("nginx"),
  );
}

export const webServers = ["web1.example.com", "web2.example.com"].map((name) => webServer(name));
