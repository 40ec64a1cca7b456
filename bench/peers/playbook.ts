/** The baseline of items.ts as an Ansible playbook, with the modules that a person would take for it. */

type Task = Readonly<Record<string, unknown>>;

/** One task a kind of property, which Ansible carries out for each of its items. */
const tasks: readonly Task[] = [
  {
    "ansible.builtin.copy": {
      dest: "/srv/c{{ item }}",
      content: "content of {{ item }}\n",
      mode: "0640",
    },
    loop: range(16),
  },
  {
    "ansible.builtin.lineinfile": {
      path: "/srv/l{{ item.0 }}",
      line: "{{ item.1 }}",
      create: true,
    },
    loop: range(10).flatMap((i) => ["one", "two"].map((line) => [i, line])),
  },
  {
    "ansible.builtin.lineinfile": {
      path: "/srv/s{{ item }}",
      regexp: "^size *=",
      line: "size = 5",
      create: true,
    },
    loop: range(8),
  },
  // community.general.ini_file knows sections; Ansible alone does not have it.
  {
    "ansible.builtin.lineinfile": {
      path: "/srv/i{{ item }}",
      regexp: "^level *=",
      line: "level = info",
      create: true,
    },
    loop: range(4),
  },
  {
    "ansible.builtin.file": { path: "/srv/d{{ item }}", state: "directory", mode: "0750" },
    loop: range(8),
  },
  {
    "ansible.builtin.file": { path: "/srv/k{{ item }}", src: "/srv/c{{ item }}", state: "link" },
    loop: range(6),
  },
  { "ansible.builtin.user": { name: "bench{{ item }}" }, loop: range(2) },
  {
    "ansible.builtin.command": { cmd: "touch /srv/g{{ item }}", creates: "/srv/g{{ item }}" },
    loop: range(4),
  },
  { "ansible.builtin.apt": { name: ["hello-consfig", "sudo", "cron"] } },
  { "ansible.builtin.apt": { name: "webby", state: "absent" } },
];

/** YAML reads JSON. */
export const baselinePlaybook = playbook(tasks);

/** The tasks on all hosts, without asking these for facts that no task wants. */
export function playbook(wanted: readonly Task[]): string {
  return JSON.stringify([{ hosts: "all", gather_facts: false, tasks: wanted }]);
}

function range(count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => i + 1);
}
