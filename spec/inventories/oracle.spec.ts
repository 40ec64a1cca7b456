/** Inventories are read as Ansible reads them: what `ansible-inventory` says is the measure. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, test } from "node:test";
import { ansibleInventory } from "../../inventories/ansible/index.js";

/** An inventory: its files, of which the first is named, or, with a slash at its end, a directory. */
const inventories: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "hosts, groups, ports and comments": {
    hosts: `
lone:2222   # a comment
[web]
web1 ansible_host=10.0.0.1 a=b#c
web2.example.com:22022
; another comment
[db] # a group
db1
web1 color=red
`,
  },
  ranges: {
    "hosts.ini": `
[web]
web[01:20:3].example.com rack=1
[letters]
x-[a:f:2]-y
[two]
r[1:2]n[08:10]:2200
[open]
s[:3]
back[3:1]
`,
  },
  "children, and where groups are declared": {
    hosts: `
[all:vars]
who=all
[eu:children]
web
db
[world:children]
eu
[web]
w1
[db]
d1
[eu:vars]
who=eu
[world:vars]
who=world
far=yes
[db:vars]
who=db
`,
  },
  "precedence: depth, then priority, then the alphabet": {
    hosts: `
[a]
h1
h2 who=host
[b]
h1
h2
[c]
h1
[a:vars]
who=a
top=a
only_a=1
[b:vars]
who=b
[c:vars]
who=c
top=c
ansible_group_priority=0
[deep:children]
deeper
[deeper:children]
deepest
[deepest]
h1
[deep:vars]
who=deep
d=deep
[deeper:vars]
d=deeper
`,
  },
  "values on a host's line": {
    hosts: String.raw`
[g]
h1 a=1 b=1.5 c=True d=true e=None f=0x1f g=007 h=0o17 i=1_000 j=-3 k=1e3 l=2.10 m=10.0.0.1
h2 a='two words' b="it's" c='"5"' d="'5'" e="[1, 2, 'x']" f='{"a": [true, True], "b": {"c": None}}'
h3 a=a\ b b="x\"y" c='x\y' d="x\\y" e= f="" g=a=b=c h=(1,2) i=(1) j=1,2 k=[] l={} m=--flag n=http://x/#y
h4 a='#no' b=x'y z'w c="{{ x }}" d='-o ProxyJump="j"' e=00 f=0 g=+5 h=1. i=.5 k=0b101 l=5L m=1-2 n=true,
`,
  },
  "values in a section of variables": {
    hosts: String.raw`
[g]
h1
[g:vars]
a = 1 # one
b = word # stays
c = "quoted" # goes
d='it''s'
e="a" 'b'
f=two words
g="tab\there \x41 \u00e9 \101 \q"
h=r'raw\n'
i=[1, [2, (3, 4)], {'k': 'v', 2: None}]
k=
l==x
m = a=b
n=[1,
o='open
p=1 2
q=- 5
r=[1,,2]
s=(,)
t='a' if True else 'b'
u=12345678901
v=1,
w={'a': 1,}
x=u'uni'
y=Truely
z=[,]
`,
  },
  "group_vars and host_vars beside a file": {
    hosts: `
[web]
h1 from_line=line who=line
h2
[web:vars]
who=section
section_only=1
[all:vars]
every=section
[up:children]
web
`,
    "group_vars/all.yml": "who: all-file\nevery: file\nall_only: [1, {a: b}]\n",
    "group_vars/web/one.yml": "who: web-file\nx: 1\n",
    "group_vars/web/two.yaml": "x: 2\n",
    "group_vars/web/.hidden.yml": "x: hidden\n",
    "group_vars/web/old.yml~": "x: old\n",
    "group_vars/web/other.txt": "x: other\n",
    "group_vars/web/sub/more.json": '{"more": true}',
    "group_vars/up": "---\nup_only: yes\nwho: up-file\n",
    "group_vars/up.yml": "up_only: never\n",
    "group_vars/ungrouped.yml": "u: 1\n",
    "host_vars/h2.yml": "who: h2-file\n",
    "host_vars/h1.json": '{"who": "h1-file", "nothing": null}',
    "host_vars/empty.yml": "",
  },
  "a YAML inventory": {
    "hosts.yml": `
all:
  vars: { who: all }
  hosts:
    lone: { ansible_port: 22 }
    "r[1:2]:2022":
  children:
    web:
      vars: { who: web, ansible_group_priority: 10 }
      hosts:
        w1: { a: yes, b: "yes", c: 0644, d: 1:30, e: 08:00:27, f: ~, g: 1e3, h: 1.5e+3, i: 0o17, j: 0x1F, k: 1_000 }
        w2:
      children:
        front:
          hosts: w2
    empty:
zz:
  hosts:
    w1: { l: 2001-12-14, m: y, n: Off, o: .5, p: "0644", q: 12e45, s: [1, [2]] }
  vars: { who: zz }
`,
  },
  "YAML with anchors, merges, and members that mean nothing": {
    hosts: `---
x-common: &common { a: 1, b: 2 }
web:
  vars:
    <<: { c: 3 }
    nested: { <<: { d: 4 }, e: 5 }
  hosts:
    w1: { b: 3 }
    w1: { b: 4 }
  strange: { x: 1 }
  list: [1]
text: none
`,
  },
  "a directory, with files of every sort": {
    "inventory/": "",
    "inventory/01-hosts": "[web]\nw1\n[late:children]\nweb\n",
    "inventory/02-more.yml": "late:\n  vars: { who: late }\nweb:\n  hosts: { w2: }\n",
    "inventory/03-list":
      '#!/bin/sh\necho \'{"dyn": ["d1", "w1"], "_meta": {"hostvars": {"d1": {"x": 1}}}}\'\n',
    "inventory/04-text": "lone\n",
    "inventory/ignored.ini": "[nothing",
    "inventory/ignored.md": "[nothing",
    "inventory/.hidden": "[nothing",
    "inventory/below/hosts": "[web]\nw3\n",
    "inventory/below/group_vars/web.yml": "not: read\n",
    "inventory/group_vars/web.yml": "v: 1\n",
    "inventory/host_vars/d1": "y: 2\n",
  },
  "a program": {
    "inventory.sh": `#!/bin/sh
cat <<'END'
{ "web": { "hosts": ["w1", "w2"], "vars": { "a": 1 }, "children": ["front"] },
  "front": ["w3"], "alone": { "b": 2 }, "all": { "vars": { "c": 3 } },
  "_meta": { "hostvars": { "w1": { "a": "own" }, "stranger": { "a": 1 } } } }
END
`,
  },
  "a program that has to be asked for each host": {
    inventory: `#!/bin/sh
test "$2" = w1 && echo '{"n": "w1"}' && exit
test "$1" = --host && echo '{}' && exit
echo '{ "web": { "hosts": ["w1", "w2"] } }'
`,
  },
  "addresses and odd names": {
    hosts: `
[v6]
[::1]:22
fe80::1
2001:db8::2
[odd]
under_score
10.0.0.[1:2]:22
-strange:22
a.b.c:0022
[with-dash:children]
odd
[9lives]
cat
`,
  },
  "a group and its children in several places": {
    hosts: `
[b:children]
a
[a]
h1
[c:children]
a
b
[c:vars]
x=c
[b:vars]
x=b
[all]
h9
[ungrouped]
h1
h8
`,
  },
};

const program = "ansible-inventory";
const missing = spawnSync(program, ["--version"], { stdio: "ignore" }).status !== 0;

describe(program, { skip: missing && `${program} is not installed` }, () => {
  for (const [name, files] of Object.entries(inventories)) {
    test(name, async (t) => {
      const scratch = mkdtempSync(path.join(tmpdir(), "inventory-spec-"));
      t.after(() => rmSync(scratch, { recursive: true, force: true }));
      for (const [file, text] of Object.entries(files)) {
        const target = path.join(scratch, file);
        mkdirSync(file.endsWith("/") ? target : path.dirname(target), { recursive: true });
        if (file.endsWith("/")) continue;
        writeFileSync(target, text);
        if (text.startsWith("#!")) chmodSync(target, 0o755);
      }
      const inventory = path.join(scratch, Object.keys(files)[0] ?? "");
      const ours = (await ansibleInventory(inventory)).map(({ name, groups, vars }) => {
        return [name, { groups, vars }] as const;
      });
      assert.deepEqual(Object.fromEntries(ours), toldBy(inventory, scratch));
    });
  }
});

interface Told {
  readonly [group: string]: { readonly hosts?: string[]; readonly children?: string[] };
}

/** What Ansible says of each host. */
function toldBy(inventory: string, home: string): object {
  const elsewhere = path.join(home, "elsewhere");
  mkdirSync(elsewhere);
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    LC_ALL: "C.UTF-8",
  };
  const words = ["-i", inventory, "--list"];
  const { stdout, stderr } = spawnSync(program, words, { cwd: elsewhere, env, encoding: "utf8" });
  assert.match(stdout, /^\{/, stderr);
  const { _meta, ...groups } = JSON.parse(stdout) as Told & {
    _meta: { hostvars: Record<string, object> };
  };
  const hosts = (group: string): string[] => [
    ...(groups[group]?.hosts ?? []),
    ...(groups[group]?.children ?? []).flatMap(hosts),
  ];
  const names = [...new Set(hosts("all"))];
  const told = names.map((name) => {
    const of = Object.keys(groups).filter(
      (group) => group !== "all" && hosts(group).includes(name),
    );
    return [name, { groups: of.sort(), vars: _meta.hostvars[name] ?? {} }] as const;
  });
  return Object.fromEntries(told);
}
