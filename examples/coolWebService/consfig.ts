/**
 * A web service of one's own, and its machine: the module beside this one becomes an executable,
 * made on the machine, which systemd runs behind nginx. A changed line of the module is a new
 * executable and a restarted service at the next deployment; without a change nothing happens.
 */
import { described, host, inOrder, onChange, sh } from "consfigurator";
import { node } from "consfigurator/connections/node";
import { ssh } from "consfigurator/connections/ssh";
import * as apt from "consfigurator/properties/apt";
import * as cmd from "consfigurator/properties/cmd";
import * as file from "consfigurator/properties/file";
import * as image from "consfigurator/properties/image";
import * as os from "consfigurator/properties/os";
import * as service from "consfigurator/properties/service";
import * as systemd from "consfigurator/properties/systemd";
import * as coolWebService from "./coolWebService.js";

const port = 8080;
const program = "/usr/local/bin/cool-web-service";
const unit = "cool-web-service.service";
const site = "/etc/nginx/sites-available/cool-web-service";

const backend = described(
  "the cool web service",
  onChange(
    inOrder(
      image.dumped(program, coolWebService.start(port)),
      systemd.hasUnit(
        unit,
        `[Unit]
Description=cool web service

[Service]
ExecStart=${program}
DynamicUser=yes
Restart=on-failure

[Install]
WantedBy=multi-user.target
`,
      ),
    ),
    systemd.restarted(unit),
  ),
  systemd.enabledAndStarted(unit),
);

const frontend = described(
  "nginx in front of it",
  apt.installed("nginx"),
  onChange(
    inOrder(
      file.hasContent(site, [
        "server {",
        "  listen 80 default_server;",
        "  location / {",
        `    proxy_pass http://127.0.0.1:${port};`,
        "  }",
        "}",
      ]),
      file.symlinked("/etc/nginx/sites-enabled/default", site),
    ),
    cmd.single(sh`nginx -t -q`),
    service.reloaded("nginx"),
  ),
  service.enabled("nginx"),
  service.running("nginx"),
);

/** All that makes a Debian machine one on which the service runs. */
export const cool = described("the cool web service and nginx", backend, frontend);

export const machine = host(
  "cool.example.com",
  { deploy: [ssh({ user: "root" }), node()] },
  os.debianStable("bookworm", "amd64"),
  cool,
);
