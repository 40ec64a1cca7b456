/* The processes that a zygote has forked. Each is one of
 *   SPARE    waits on `sock` for a request's descriptors; has read nothing; unknown to any client
 *   SERVING  was given the descriptors of a request, whose client was told STARTED
 *   DROPPED  a spare that could not be reached, or nobody's since its client ended; killed, and
 *            reported to nobody
 * Transitions: (none) -> SPARE -> SERVING -> (none), (none) -> SERVING, SPARE | SERVING -> DROPPED
 * -> (none). */
#include "serve.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SPARE, SERVING, DROPPED };
struct child {
  pid_t pid;
  int state, sock;
  struct request request;
};

static struct {
  pid_t self, parent;
  struct child *children;
  uint32_t count, room, spares, spares_wanted;
  /* One could not be made, or died before it was used: the next one waits for the next request, lest
   * we make them again and again where there is no memory for any. */
  bool spares_fail;
  /* Some that are to be ended have not ended yet. */
  bool orphans_left;
} t;

static bool is_child(pid_t pid) {
  for (uint32_t i = 0; i < t.count; i++)
    if (t.children[i].pid == pid) return true;
  return false;
}

static bool may_any_leave_processes(void) {
  for (uint32_t i = 0; i < t.count; i++)
    if (t.children[i].request.leaves_processes) return true;
  return false;
}

void begin_children(int spares) {
  t.spares_wanted = spares < 0 ? 0 : (uint32_t)spares;
  t.self = getpid();
  t.parent = getppid();
  let_orphans_be(is_child); /* what was started before us is not ours to end */
}

void forget_children(void) {
  forget_orphans();
  free(t.children);
  memset(&t, 0, sizeof t);
}

static void kill_group(pid_t pid, int signal) {
  /* In its first microseconds the child has not made its own group yet. */
  if (kill(-pid, signal) < 0 && errno == ESRCH) kill(pid, signal);
}

_Noreturn void finish(int code) {
  const struct timespec pause = {0, 1000000};
  bool leaves_processes = may_any_leave_processes();
  for (uint32_t i = 0; i < t.count; i++) kill_group(t.children[i].pid, SIGKILL);
  for (int patience = 2000; t.count > 0 && patience > 0; patience--) {
    pid_t pid = waitpid(t.children[t.count - 1].pid, NULL, WNOHANG);
    if (pid == 0) nanosleep(&pause, NULL);
    else t.count--;
  }
  if (!leaves_processes) end_orphans(is_child);
  _exit(code);
}

static void add(struct child child) {
  t.children = with_room(t.children, t.count, &t.room, sizeof *t.children);
  t.children[t.count++] = child;
  if (child.state == SPARE) t.spares++;
}

uint32_t children_of(uint32_t client) {
  uint32_t count = 0;
  for (uint32_t i = 0; i < t.count; i++)
    count += t.children[i].state == SERVING && t.children[i].request.client == client;
  return count;
}

void signal_child(uint32_t client, uint32_t id, int signal) {
  for (uint32_t i = 0; i < t.count; i++) {
    const struct child *one = &t.children[i];
    if (one->state == SERVING && one->request.client == client && one->request.id == id)
      kill_group(one->pid, signal);
  }
}

void drop_children(uint32_t client) {
  for (uint32_t i = 0; i < t.count; i++) {
    struct child *one = &t.children[i];
    if (one->state != SERVING || one->request.client != client) continue;
    one->state = DROPPED;
    kill_group(one->pid, SIGKILL);
  }
}

static void tell_started(struct request request, pid_t pid) {
  /* Our parent has no number here if it is outside of our pid namespace: there, the numbers that we
   * know belong to others. (The end of the first process in such a namespace ends all others.) */
  int foreign = t.parent == 0;
  tell(request.client, STARTED, request.id, pid, foreign);
  if (request.client != 0) tell(0, OTHER_STARTED, 0, pid, foreign);
}

static void tell_ended(const struct child *child, int status) {
  if (child->request.client != 0) tell(0, OTHER_ENDED, 0, child->pid, 0);
  if (child->state == SERVING)
    tell(child->request.client, ENDED, child->request.id,
         WIFEXITED(status) ? WEXITSTATUS(status) : 0, WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

/* What the child has started, and left its group, is ours now. Whose it is cannot be told: so it is left
 * alone as long as there is a child whose processes may go on. */
static void see_to_orphans(bool left_processes) {
  if (left_processes) let_orphans_be(is_child);
  t.orphans_left = !may_any_leave_processes() && !end_orphans(is_child);
}

void reap(void) {
  for (;;) {
    siginfo_t about = {0};
    /* Look first, so that the number stays taken while the group is killed. */
    if (waitid(P_ALL, 0, &about, WEXITED | WNOHANG | WNOWAIT) < 0 || about.si_pid == 0) break;
    uint32_t i = 0;
    while (i < t.count && t.children[i].pid != about.si_pid) i++;
    if (i < t.count) kill_group(about.si_pid, SIGKILL);
    int status;
    if (waitpid(about.si_pid, &status, 0) < 0) break;
    if (i == t.count) {
      forget_orphan(about.si_pid);
      continue;
    }
    struct child child = t.children[i];
    t.children[i] = t.children[--t.count];
    if (child.state == SPARE) {
      t.spares--;
      t.spares_fail = true;
      close(child.sock);
    } else {
      see_to_orphans(child.request.leaves_processes);
    }
    tell_ended(&child, status);
  }
  if (t.orphans_left) see_to_orphans(false);
}

/* With our signals held back: one that came before the child has taken off our handlers would be
 * heeded by nobody there. */
static pid_t fork_child(napi_env env) {
  sigset_t ours, before;
  sigemptyset(&ours);
  sigaddset(&ours, SIGCHLD);
  sigaddset(&ours, SIGTERM);
  sigprocmask(SIG_BLOCK, &ours, &before);
  pid_t pid = sweep_and_fork(loop_of(env));
  int error = errno;
  if (pid == 0) {
    signal(SIGCHLD, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
  }
  sigprocmask(SIG_SETMASK, &before, NULL);
  errno = error;
  return pid;
}

/* In the child: nothing of the loop is left, and its end is bound to ours. */
static napi_value begin_child(napi_env env, const int *fds, uint32_t count) {
  setsid();
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != t.self) _exit(128 + SIGKILL);
  forget_clients();
  close_all_but(fds, count);
  forget_children();
  return make_ints(env, fds, count);
}

bool lacks_spare(void) {
  return t.spares < t.spares_wanted && !t.spares_fail;
}

napi_value fork_spare(napi_env env) {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
    t.spares_fail = true;
    return NULL;
  }
  pid_t pid = fork_child(env);
  if (pid == 0) return begin_child(env, &pair[1], 1);
  close(pair[1]);
  if (pid > 0) {
    add((struct child){.pid = pid, .state = SPARE, .sock = pair[0]});
  } else {
    close(pair[0]);
    t.spares_fail = true;
  }
  return NULL;
}

static bool hand_to_spare(struct request request, const int *fds, uint32_t count) {
  for (uint32_t i = 0; i < t.count; i++) {
    struct child *child = &t.children[i];
    if (child->state != SPARE) continue;
    bool reached = send_fds(child->sock, "", 1, fds, count, 0) == 1;
    close(child->sock);
    child->request = request;
    child->state = reached ? SERVING : DROPPED;
    t.spares--;
    if (reached) {
      tell_started(request, child->pid);
      return true;
    }
    kill_group(child->pid, SIGKILL);
  }
  return false;
}

napi_value start_child(napi_env env, struct request request, const int *fds, uint32_t count) {
  t.spares_fail = false;
  if (hand_to_spare(request, fds, count)) return NULL;
  pid_t pid = fork_child(env);
  if (pid == 0) return begin_child(env, fds, count);
  if (pid < 0) {
    tell(request.client, REFUSED, request.id, errno, 0);
    return NULL;
  }
  add((struct child){.pid = pid, .state = SERVING, .request = request});
  tell_started(request, pid);
  return NULL;
}
