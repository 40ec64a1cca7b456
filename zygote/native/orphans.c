/* Processes that nobody else cares for: the zygote is the parent of what its children leave behind.
 *
 * They are found in /proc. Where there is none, as in an empty chroot, they stay until the zygote of a
 * process outside of it finds them. */
#include "serve.h"
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* How often we look, and kill: what was killed may have had children, which are ours then. */
enum { ROUNDS = 100, PAUSE_NS = 1000000 };

static struct {
  pid_t *pids;
  uint32_t count, room;
} kept;

static bool is_kept(pid_t pid) {
  for (uint32_t i = 0; i < kept.count; i++)
    if (kept.pids[i] == pid) return true;
  return false;
}

void forget_orphan(pid_t pid) {
  for (uint32_t i = 0; i < kept.count; i++)
    if (kept.pids[i] == pid) kept.pids[i] = kept.pids[--kept.count];
}

void forget_orphans(void) {
  free(kept.pids);
  memset(&kept, 0, sizeof kept);
}

static void keep(pid_t pid) {
  kept.pids = with_room(kept.pids, kept.count, &kept.room, sizeof *kept.pids);
  kept.pids[kept.count++] = pid;
}

/* Ended already, and not waited for. */
static bool end(pid_t pid) {
  siginfo_t about = {0};
  /* Where /proc is that of another pid namespace its numbers are not ours: then this is no child of ours. */
  if (waitid(P_PID, (id_t)pid, &about, WEXITED | WNOHANG | WNOWAIT) < 0) return true;
  if (about.si_pid == pid) {
    waitpid(pid, NULL, 0);
    return true;
  }
  kill(pid, SIGKILL);
  return false;
}

static bool let_be(pid_t pid) {
  keep(pid);
  return true;
}

/* Whether the work says so of each process that is ours and neither a child nor kept. */
static bool each_orphan(bool (*is_child)(pid_t pid), bool (*work)(pid_t pid)) {
  char text[4096];
  bool all = true;
  pid_t pid = 0;
  int file = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
  if (file < 0) return true;
  for (ssize_t got; (got = read(file, text, sizeof text)) > 0;)
    for (ssize_t i = 0; i < got; i++) {
      if (text[i] >= '0' && text[i] <= '9') {
        pid = pid * 10 + (text[i] - '0');
        continue;
      }
      if (pid > 0 && !is_child(pid) && !is_kept(pid)) all &= work(pid);
      pid = 0;
    }
  close(file);
  return all;
}

bool end_orphans(bool (*is_child)(pid_t pid)) {
  const struct timespec pause = {0, PAUSE_NS};
  for (int round = 0; round < ROUNDS; round++) {
    if (each_orphan(is_child, end)) return true;
    nanosleep(&pause, NULL);
  }
  return false;
}

void let_orphans_be(bool (*is_child)(pid_t pid)) {
  each_orphan(is_child, let_be);
}
