/** The host's own name, and where it is written. */
import { z } from "zod";
import {
  hostnameAttr,
  InapplicableProperty,
  isHostname,
  keepGoing,
  posixProperty,
  propSpec,
  type ReadonlyHostattrs,
  sh,
} from "../../engine/index.js";
import { containsConfSpace, hasContent } from "../file/index.js";
import { applyEdit, checkEdit } from "../file/shared.js";
import { hasOwnNames, lacksOwnNames } from "./hosts.js";

const name = z.string().refine(isHostname, "expected a hostname");
const oneName = z.tuple([name]);
const maybeName = z.tuple([name.exactOptional()]);

/** The host is called that, and not as the consfig called it so far. */
export const is = posixProperty<[name: string]>("hostname.is", {
  args: oneName,
  desc: (name) => `called ${name}`,
  hostattrs: (attrs, name) => attrs.push(hostnameAttr, name),
});

/** The running system calls itself that, until it is booted again. Needs `hostname` and uid 0. */
export const running = posixProperty<[name: string]>("hostname.running", {
  args: oneName,
  desc: (name) => `running as ${name}`,
  check: async (host, name) => (await host.query(sh`uname -n`)).lines[0] === name,
  async apply(host, name) {
    await host.run(sh`hostname ${name}`);
    return "changed";
  },
});

/**
 * In /etc/hosts, 127.0.1.1 is the name, then its first label, then whatever else it was called; and
 * 127.0.0.1 is localhost. Unapplied: 127.0.1.1 is not called that.
 */
export const inHosts = posixProperty<[name: string]>("hostname.inHosts", {
  args: oneName,
  desc: (name) => `${name} in /etc/hosts`,
  check: (host, name) =>
    checkEdit(
      host,
      "/etc/hosts",
      (text) => hasOwnNames(text, name),
      (text) => lacksOwnNames(text, name),
    ),
  apply: (host, name) => applyEdit(host, "/etc/hosts", (text) => hasOwnNames(text, name)),
  unapply: (host, name) => applyEdit(host, "/etc/hosts", (text) => lacksOwnNames(text, name)),
});

/**
 * The host knows its name, by default the one in the consfig: the first label in /etc/hostname and
 * in the running system (not in one contained in another host), and all of it in /etc/hosts.
 */
export const configured = propSpec("hostname.configured", "posix", {
  args: maybeName,
  desc: (name?: string) => (name === undefined ? "hostname configured" : `hostname ${name}`),
  hostattrs(attrs, name?: string) {
    if (name !== undefined) attrs.push(hostnameAttr, name);
  },
  props: (attrs, name: string = attrs.hostname) => [
    keepGoing(
      hasContent("/etc/hostname", shortOf(name)),
      // A chroot's name is that of the machine around it; a container takes its own when it boots.
      ...(attrs.parent ? [] : [running(shortOf(name))]),
      inHosts(name),
    ),
  ],
});

/** Mail from the host comes from that name, by default the host's: it is in /etc/mailname. */
export const mailnameConfigured = propSpec("hostname.mailnameConfigured", "posix", {
  args: maybeName,
  desc: (name?: string) => (name === undefined ? "mailname configured" : `mailname ${name}`),
  props: (attrs, name: string = attrs.hostname) => [hasContent("/etc/mailname", name)],
});

/**
 * Names without dots are looked up in that domain, by default the host's: `search` in
 * /etc/resolv.conf says so. Where another program writes that file, tell it instead.
 */
export const searchConfigured = propSpec("hostname.searchConfigured", "posix", {
  args: maybeName,
  desc: (domain?: string) => (domain === undefined ? "search configured" : `search ${domain}`),
  props: (attrs, domain: string = domainOf(attrs)) => [
    containsConfSpace("/etc/resolv.conf", { search: domain }),
  ],
});

function shortOf(name: string): string {
  return name.replace(/\..*$/, "");
}

function domainOf({ hostname }: ReadonlyHostattrs): string {
  const [, ...domain] = hostname.split(".");
  if (domain.length > 0) return domain.join(".");
  throw new InapplicableProperty(`${hostname} is in no domain`, {
    hint: "name the domain, or the host by its fully qualified name",
  });
}
