/* The zygote's loop. It blocks here for ever; only a forked child returns to JavaScript.
 *
 * State: the children, each one of
 *   SPARE    waits on `sock` for a request's descriptors; has read nothing; unknown to the client
 *   SERVING  was given the descriptors of request `id`; the client was told STARTED
 *   DROPPED  a spare that could not be reached; killed, reported to nobody
 * Transitions: (none) -> SPARE -> SERVING -> (none), (none) -> SERVING, SPARE -> DROPPED -> (none).
 *
 * Invariants:
 *   1. No byte of a request is ever read here: only descriptors pass, and our copies are closed
 *      before the next message is looked at.
 *   2. Every id gets exactly one STARTED followed by one ENDED, or one REFUSED, in this order.
 *   3. A child is in the table from its fork until it was reaped, and its process group is killed
 *      while it is still unreaped, so its number cannot belong to somebody else.
 *   4. A child holds no descriptor of this loop: not the control socket, not another child's.
 *   5. Whoever ends, the client or our parent, ends the zygote, and that ends all children.
 */
#include "zygote.h"
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Of fixed size and sent by one call each: on a Unix stream socket such a message is never split.
 * (A SEQPACKET socket would say so itself, but libuv, which reads the other end, knows none.) */
struct message {
  uint32_t kind, id;
  int32_t a, b;
};
enum { START = 1, SIGNAL = 2 };               /* from the client; SIGNAL: a = which */
enum { STARTED = 1, ENDED = 2, REFUSED = 3 }; /* a = pid; a = exit code, b = signal; a = errno */

enum { SPARE, SERVING, DROPPED };
struct child {
  pid_t pid;
  int state, sock;
  uint32_t id;
};

static struct {
  int control, alarm;
  pid_t self, parent;
  struct child *children;
  uint32_t count, room, spares, spares_wanted;
} z;
static volatile sig_atomic_t told_to_end;

static void on_signal(int signal) {
  int saved = errno;
  uint64_t one = 1;
  if (signal == SIGTERM) told_to_end = 1;
  /* Through a descriptor and not signalfd: a thread of Node that does not block the signal would
   * swallow it there. */
  if (write(z.alarm, &one, sizeof one) < 0) errno = saved;
  errno = saved;
}

static void kill_group(pid_t pid, int signal) {
  /* In its first microseconds the child has not made its own group yet. */
  if (kill(-pid, signal) < 0 && errno == ESRCH) kill(pid, signal);
}

/* Ends all children, and us. */
static _Noreturn void finish(int code) {
  const struct timespec pause = {0, 1000000};
  for (uint32_t i = 0; i < z.count; i++) kill_group(z.children[i].pid, SIGKILL);
  for (int patience = 2000; z.count > 0 && patience > 0; patience--) {
    pid_t pid = waitpid(z.children[z.count - 1].pid, NULL, WNOHANG);
    if (pid == 0) nanosleep(&pause, NULL);
    else z.count--;
  }
  _exit(code);
}

static void tell(uint32_t kind, uint32_t id, int a, int b) {
  struct message message = {kind, id, a, b};
  if (send_fds(z.control, &message, sizeof message, NULL, 0, 0) != sizeof message) finish(0);
}

static void add(pid_t pid, int state, int sock, uint32_t id) {
  if (z.count == z.room) {
    z.room = z.room * 2 + 16;
    z.children = realloc(z.children, z.room * sizeof *z.children);
    if (!z.children) _exit(126); /* the children die with us */
  }
  z.children[z.count++] = (struct child){pid, state, sock, id};
  if (state == SPARE) z.spares++;
}

static void reap(void) {
  for (;;) {
    siginfo_t about = {0};
    /* Look first, so that the number stays taken while the group is killed. */
    if (waitid(P_ALL, 0, &about, WEXITED | WNOHANG | WNOWAIT) < 0 || about.si_pid == 0) return;
    uint32_t i = 0;
    while (i < z.count && z.children[i].pid != about.si_pid) i++;
    if (i < z.count) kill_group(about.si_pid, SIGKILL);
    int status;
    if (waitpid(about.si_pid, &status, 0) < 0) return;
    if (i == z.count) continue; /* an orphan that became ours */
    struct child child = z.children[i];
    z.children[i] = z.children[--z.count];
    if (child.state == SPARE) {
      z.spares--;
      close(child.sock);
    }
    if (child.state == SERVING)
      tell(ENDED, child.id, WIFEXITED(status) ? WEXITSTATUS(status) : 0,
           WIFSIGNALED(status) ? WTERMSIG(status) : 0);
  }
}

/* In the child: nothing of the loop is left, and its end is bound to ours. */
static napi_value begin_child(napi_env env, const int *fds, uint32_t count) {
  setsid();
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != z.self) _exit(128 + SIGKILL);
  signal(SIGCHLD, SIG_DFL);
  signal(SIGTERM, SIG_DFL);
  close(z.alarm);
  close_all_but(fds, count);
  free(z.children);
  z.children = NULL;
  z.count = z.room = z.spares = 0;
  return make_ints(env, fds, count);
}

/* Both return the child's value in the child, NULL in the zygote. */
static napi_value fork_spare(napi_env env) {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
    z.spares_wanted = 0; /* no descriptors left: serve without */
    return NULL;
  }
  pid_t pid = sweep_and_fork(loop_of(env));
  if (pid == 0) return begin_child(env, &pair[1], 1);
  close(pair[1]);
  if (pid > 0) {
    add(pid, SPARE, pair[0], 0);
  } else {
    close(pair[0]);
    z.spares_wanted = 0;
  }
  return NULL;
}

static napi_value start(napi_env env, uint32_t id, const int *fds, uint32_t count) {
  for (uint32_t i = 0; i < z.count; i++) {
    struct child *child = &z.children[i];
    if (child->state != SPARE) continue;
    bool reached = send_fds(child->sock, "", 1, fds, count, 0) == 1;
    close(child->sock);
    child->id = id;
    child->state = reached ? SERVING : DROPPED;
    z.spares--;
    if (!reached) {
      kill_group(child->pid, SIGKILL);
      continue;
    }
    tell(STARTED, id, child->pid, 1);
    return NULL;
  }
  pid_t pid = sweep_and_fork(loop_of(env));
  if (pid == 0) return begin_child(env, fds, count);
  if (pid < 0) {
    tell(REFUSED, id, errno, 0);
    return NULL;
  }
  add(pid, SERVING, -1, id);
  tell(STARTED, id, pid, 0);
  return NULL;
}

static napi_value handle_message(napi_env env) {
  struct message message;
  int fds[MAX_FDS];
  uint32_t count;
  ssize_t got = receive_fds(z.control, &message, sizeof message, fds, &count);
  if (got != sizeof message) finish(got == 0 ? 0 : 1); /* the client is gone, or speaks nonsense */
  napi_value child = NULL;
  if (message.kind == START && count == 3) child = start(env, message.id, fds, count);
  if (child) return child;
  for (uint32_t i = 0; i < count; i++) close(fds[i]);
  if (message.kind == SIGNAL)
    for (uint32_t i = 0; i < z.count; i++)
      if (z.children[i].state == SERVING && z.children[i].id == message.id)
        kill_group(z.children[i].pid, message.a);
  return NULL;
}

/* serve(control, spares): in a child, the descriptors it was born with: [conversation, stdout,
 * stderr], or [socket] of a spare, from which it receives those three. */
napi_value serve(napi_env env, napi_callback_info info) {
  ARGUMENTS(2);
  int spares;
  if (!get_int(env, argv[0], &z.control) || !get_int(env, argv[1], &spares)) return NULL;
  z.spares_wanted = spares < 0 ? 0 : (uint32_t)spares;
  z.self = getpid();
  z.parent = getppid();
  z.alarm = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (z.alarm < 0) return fail(env, errno, "eventfd", "");
  struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
  sigemptyset(&action.sa_mask);
  sigaction(SIGCHLD, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  for (;;) {
    struct pollfd polled[] = {{.fd = z.control, .events = POLLIN}, {.fd = z.alarm, .events = POLLIN}};
    /* Spares are made when nobody waits. */
    int ready = poll(polled, 2, z.spares < z.spares_wanted ? 0 : -1);
    if (ready < 0 && errno != EINTR) finish(1);
    uint64_t signals;
    if (ready > 0 && polled[1].revents && read(z.alarm, &signals, sizeof signals) > 0) {
      reap();
      if (told_to_end || getppid() != z.parent) finish(0);
    }
    napi_value child = NULL;
    if (ready > 0 && polled[0].revents) child = handle_message(env);
    else if (ready == 0) child = fork_spare(env);
    if (child) return child;
  }
}
