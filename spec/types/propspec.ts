/**
 * What the compiler refuses. Each case is an error that must be there: `tsc` fails on a directive
 * that has nothing to expect. Nothing here is ever run.
 */
import { z } from "zod";
import { chroot } from "../../connections/chroot/index.js";
import { local } from "../../connections/local/index.js";
import { setuid } from "../../connections/setuid/index.js";
import { sudo } from "../../connections/sudo/index.js";
import {
  asUser,
  concurrently,
  deploy,
  deploys,
  type Host,
  host,
  inOrder,
  nodeProperty,
  onChange,
  type Propspec,
  posixProperty,
  propList,
  propSpec,
  Secret,
  script,
  sh,
  unapplied,
  withUnapply,
} from "../../engine/index.js";

const word = z.tuple([z.string()]);

const revertable = posixProperty<[path: string]>("types.revertable", {
  args: word,
  check: (look, path) => look.exists(path),
  apply: async (on, path) => {
    await on.run(sh`touch ${path}`);
    return "changed";
  },
  unapply: async (on, path) => {
    await on.remove([path]);
    return "changed";
  },
});

const permanent = posixProperty<[path: string]>("types.permanent", {
  args: word,
  apply: async () => "unchanged",
});

const native = nodeProperty<[path: string]>("types.native", {
  args: word,
  apply: async () => "unchanged",
});

const both = propList("types.both", {
  args: word,
  props: (path: string) => [revertable(path), native(path)],
});

const twice = propList("types.twice", {
  args: word,
  props: (path: string) => [revertable(path), onChange(revertable(path), permanent(path))],
});

// ------------------------------------------------------------------ arguments

// @ts-expect-error a function is no argument
revertable(() => "/x");
// @ts-expect-error a class instance is no argument
revertable(new Date());
// @ts-expect-error a Secret is no argument
revertable(new Secret("x"));
// @ts-expect-error too few
revertable();
// @ts-expect-error too many
revertable("/x", "/y");
// @ts-expect-error of the wrong type
twice(7);

posixProperty<[path: string]>("types.schema", {
  // @ts-expect-error the schema is for other arguments
  args: z.tuple([z.number()]),
  apply: async () => "unchanged",
});

// ------------------------------------------------------------------ undoing

unapplied(revertable("/x"));
unapplied(twice("/x"));
unapplied(inOrder(revertable("/x"), unapplied(revertable("/y"))));
unapplied(withUnapply([permanent("/x")], [revertable("/y")]));
// @ts-expect-error it has no unapply
unapplied(permanent("/x"));
// @ts-expect-error one of them has no unapply
unapplied(inOrder(revertable("/x"), permanent("/y")));
// @ts-expect-error one of them has no unapply
unapplied(concurrently(permanent("/y")));

// ------------------------------------------------------------------ outcomes and looking

// @ts-expect-error apply forgets to say what it did
posixProperty<[]>("types.forgets", { args: z.tuple([]), apply: async () => {} });

// @ts-expect-error a boolean is no outcome
posixProperty<[]>("types.boolean", { args: z.tuple([]), apply: async () => true });

posixProperty<[]>("types.mutates", {
  args: z.tuple([]),
  check: async (look) => {
    // @ts-expect-error a check has no way to run what changes
    await look.run(sh`true`);
    // @ts-expect-error a check has no way to write
    await look.writeFile("/x", "y");
    return true;
  },
  apply: async (on) => {
    // @ts-expect-error a node property is no part of a posix one
    await on.apply(native("/x"));
    // @ts-expect-error it has no unapply
    await on.unapply(permanent("/x"));
    return on.apply(revertable("/x"));
  },
});

posixProperty<[]>("types.early", {
  args: z.tuple([]),
  hostattrs: (attrs) => {
    // @ts-expect-error hostattrs are said before there is a connection
    attrs.run(sh`true`);
  },
  apply: async () => "unchanged",
});

// ------------------------------------------------------------------ words

const secret = new Secret("x");
// @ts-expect-error a Secret is no word
sh`echo ${secret}`;
// @ts-expect-error a Secret is no word
script`echo ${secret}`;
// @ts-expect-error a Secret is no text
const text: string = secret;
void text;

// ------------------------------------------------------------------ kinds

const shellOnly: Propspec<"posix"> = twice("/x");
void shellOnly;
// @ts-expect-error one of its parts is a node property
const alsoShellOnly: Propspec<"posix"> = both("/x");
void alsoShellOnly;

propSpec("types.declared", "posix", {
  args: word,
  // @ts-expect-error it is declared posix
  props: (_attrs, path: string) => [native(path)],
});

host("web1", { deploy: [local()] }, native("/x"), revertable("/y"));
host("web1", { deploy: [local(), sudo()] }, revertable("/x"), twice("/y"));
host("web1", { deploy: [local(), chroot("/x"), setuid("alice")] }, native("/x"));
// @ts-expect-error the chain ends in a shell
host("web1", { deploy: [local(), sudo(), chroot("/x")] }, native("/x"));
// @ts-expect-error the chain ends in a shell
host("web1", { deploy: [local(), sudo()] }, native("/x"));
// @ts-expect-error the chain ends in a shell
host("web1", { deploy: [local(), sudo()] }, revertable("/x"), both("/y"));

const builder: Host<"node"> = host("builder", native("/x"));
void deploy([local()], builder);
// @ts-expect-error the chain ends in a shell
void deploy([local(), sudo()], builder);
// @ts-expect-error the chain ends in a shell
void deploy([local(), sudo()], host("web1", revertable("/x")), [native("/y")]);
deploys([local()], builder);
// @ts-expect-error the chain ends in a shell
deploys([sudo()], builder);
// @ts-expect-error su ends in a shell
asUser("alice", native("/x"));

// ------------------------------------------------------------------ applying by calling

const applied: Propspec<"posix", true> = revertable("/x");
// @ts-expect-error a propapp is data, it cannot be awaited into an outcome
const outcome: "changed" | "unchanged" = applied;
void outcome;
