/* The zygote's loop. It blocks here for ever; only a forked child returns to JavaScript.
 *
 * Clients: the first is the process that made us. A child may be given a socket of its own to us, and
 * then is one as well: what it asks for are copies of the same moment, so no other zygote is needed.
 *
 * State: the children, each one of
 *   SPARE    waits on `sock` for a request's descriptors; has read nothing; unknown to any client
 *   SERVING  was given the descriptors of request `id` of `client`, which was told STARTED
 *   DROPPED  a spare that could not be reached, or nobody's since its client ended; killed, and
 *            reported to nobody
 * Transitions: (none) -> SPARE -> SERVING -> (none), (none) -> SERVING, SPARE | SERVING -> DROPPED
 * -> (none).
 *
 * Invariants:
 *   1. No byte of a request is ever read here: only descriptors pass, and our copies are closed
 *      before the next message is looked at.
 *   2. Every id of a client gets exactly one STARTED followed by one ENDED, or one REFUSED.
 *   3. A child is in the table from its fork until it was reaped, and its process group is killed
 *      while it is still unreaped, so its number cannot belong to somebody else.
 *   4. A child holds no descriptor of this loop but the socket that makes it a client.
 *   5. A client's end ends the children it asked for. The end of the first one, or of our parent,
 *      ends us, and that ends all children.
 *   6. A client that does not read what it is told makes nobody else wait.
 */
#include "zygote.h"
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
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
enum { START = 1, SIGNAL = 2 };               /* a = 1 if it is to be a client; a = which signal */
/* a = pid, b = 1 if that is no number of the client's; a = exit code, b = signal; a = errno */
enum { STARTED = 1, ENDED = 2, REFUSED = 3 };
/* To the first client of what others have asked for: a = pid, b. It ends these if we cannot. */
enum { OTHER_STARTED = 4, OTHER_ENDED = 5 };

struct client {
  int sock;
  uint32_t serial; /* the first has 0 */
  struct message *unsent;
  uint32_t unsent_count, unsent_room;
};

enum { SPARE, SERVING, DROPPED };
struct child {
  pid_t pid;
  int state, sock;
  uint32_t client, id;
};

static struct {
  int alarm;
  pid_t self, parent;
  struct client *clients;
  uint32_t client_count, client_room, next_serial;
  struct pollfd *polled; /* the alarm, then the clients in order */
  struct child *children;
  uint32_t count, room, spares, spares_wanted;
  /* One could not be made, or died before it was used: the next one waits for the next request, lest
   * we make them again and again where there is no memory for any. */
  bool spares_fail;
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

/* The table, with room for one more element. Without memory we end, and the children with us. */
static void *with_room(void *table, uint32_t count, uint32_t *room, size_t size) {
  if (count < *room) return table;
  *room = *room * 2 + 16;
  table = realloc(table, *room * size);
  if (!table) finish(126);
  return table;
}

static void add_client(int sock) {
  z.clients = with_room(z.clients, z.client_count, &z.client_room, sizeof *z.clients);
  z.polled = realloc(z.polled, (z.client_room + 1) * sizeof *z.polled);
  if (!z.polled) finish(126);
  z.clients[z.client_count++] = (struct client){.sock = sock, .serial = z.next_serial++};
}

static void lose_client(struct client *client) {
  if (client->serial == 0) finish(0);
  for (uint32_t i = 0; i < z.count; i++) {
    if (z.children[i].state != SERVING || z.children[i].client != client->serial) continue;
    z.children[i].state = DROPPED;
    kill_group(z.children[i].pid, SIGKILL);
  }
  close(client->sock);
  free(client->unsent);
  *client = z.clients[--z.client_count];
}

/* As much as it has room for. If it is gone, poll says so. */
static void send_unsent(struct client *client) {
  uint32_t sent = 0;
  while (sent < client->unsent_count) {
    ssize_t done = send_fds(client->sock, &client->unsent[sent], sizeof *client->unsent, NULL, 0,
                            MSG_DONTWAIT);
    if (done != sizeof *client->unsent) break;
    sent++;
  }
  if (sent == 0) return;
  client->unsent_count -= sent;
  memmove(client->unsent, client->unsent + sent, client->unsent_count * sizeof *client->unsent);
}

static void tell(uint32_t serial, uint32_t kind, uint32_t id, int a, int b) {
  for (uint32_t i = 0; i < z.client_count; i++) {
    struct client *client = &z.clients[i];
    if (client->serial != serial) continue;
    client->unsent = with_room(client->unsent, client->unsent_count, &client->unsent_room,
                               sizeof *client->unsent);
    client->unsent[client->unsent_count++] = (struct message){kind, id, a, b};
    send_unsent(client);
    return;
  }
}

static void tell_started(uint32_t client, uint32_t id, pid_t pid) {
  /* Our parent has no number here if it is outside of our pid namespace: there, the numbers that we
   * know belong to others. (The end of the first process in such a namespace ends all others.) */
  int foreign = z.parent == 0;
  tell(client, STARTED, id, pid, foreign);
  if (client != 0) tell(0, OTHER_STARTED, 0, pid, foreign);
}

static void add(struct child child) {
  z.children = with_room(z.children, z.count, &z.room, sizeof *z.children);
  z.children[z.count++] = child;
  if (child.state == SPARE) z.spares++;
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
      z.spares_fail = true;
      close(child.sock);
    }
    if (child.client != 0) tell(0, OTHER_ENDED, 0, child.pid, 0);
    if (child.state == SERVING)
      tell(child.client, ENDED, child.id, WIFEXITED(status) ? WEXITSTATUS(status) : 0,
           WIFSIGNALED(status) ? WTERMSIG(status) : 0);
  }
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
    told_to_end = 0;
  }
  sigprocmask(SIG_SETMASK, &before, NULL);
  errno = error;
  return pid;
}

/* In the child: nothing of the loop is left, and its end is bound to ours. */
static napi_value begin_child(napi_env env, const int *fds, uint32_t count) {
  setsid();
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != z.self) _exit(128 + SIGKILL);
  close(z.alarm);
  close_all_but(fds, count);
  for (uint32_t i = 0; i < z.client_count; i++) free(z.clients[i].unsent);
  free(z.clients);
  free(z.polled);
  free(z.children);
  memset(&z, 0, sizeof z);
  return make_ints(env, fds, count);
}

/* Both return the child's value in the child, NULL in the zygote. */
static napi_value fork_spare(napi_env env) {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
    z.spares_fail = true;
    return NULL;
  }
  pid_t pid = fork_child(env);
  if (pid == 0) return begin_child(env, &pair[1], 1);
  close(pair[1]);
  if (pid > 0) {
    add((struct child){.pid = pid, .state = SPARE, .sock = pair[0]});
  } else {
    close(pair[0]);
    z.spares_fail = true;
  }
  return NULL;
}

static bool hand_to_spare(const int *fds, uint32_t count, uint32_t client, uint32_t id) {
  for (uint32_t i = 0; i < z.count; i++) {
    struct child *child = &z.children[i];
    if (child->state != SPARE) continue;
    bool reached = send_fds(child->sock, "", 1, fds, count, 0) == 1;
    close(child->sock);
    child->client = client;
    child->id = id;
    child->state = reached ? SERVING : DROPPED;
    z.spares--;
    if (reached) {
      tell_started(client, id, child->pid);
      return true;
    }
    kill_group(child->pid, SIGKILL);
  }
  return false;
}

static napi_value start(napi_env env, uint32_t client, uint32_t id, const int *fds, uint32_t count) {
  z.spares_fail = false;
  if (hand_to_spare(fds, count, client, id)) return NULL;
  pid_t pid = fork_child(env);
  if (pid == 0) return begin_child(env, fds, count);
  if (pid < 0) {
    tell(client, REFUSED, id, errno, 0);
    return NULL;
  }
  add((struct child){.pid = pid, .state = SERVING, .client = client, .id = id});
  tell_started(client, id, pid);
  return NULL;
}

/* With three descriptors of its requester, and a socket to us if it is to be a client. */
static napi_value handle_start(napi_env env, uint32_t client, struct message asked, int *fds) {
  if (asked.a == 0) return start(env, client, asked.id, fds, 3);
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
    tell(client, REFUSED, asked.id, errno, 0);
    return NULL;
  }
  fds[3] = pair[1];
  napi_value child = start(env, client, asked.id, fds, 4);
  if (child) return child;
  close(pair[1]);
  add_client(pair[0]); /* if nobody has the other end, poll says so at once */
  return NULL;
}

static napi_value handle_message(napi_env env, struct client *client) {
  struct message message;
  int fds[MAX_FDS];
  uint32_t count, serial = client->serial;
  ssize_t got = receive_fds(client->sock, &message, sizeof message, fds, &count);
  if (got != sizeof message) { /* it is gone, or speaks nonsense */
    for (uint32_t i = 0; i < count; i++) close(fds[i]);
    lose_client(client);
    return NULL;
  }
  napi_value child = NULL;
  if (message.kind == START && count == 3) child = handle_start(env, serial, message, fds);
  /* The kernel drops what has no room in our table of descriptors. */
  else if (message.kind == START) tell(serial, REFUSED, message.id, EMFILE, 0);
  if (child) return child;
  for (uint32_t i = 0; i < count; i++) close(fds[i]);
  if (message.kind == SIGNAL)
    for (uint32_t i = 0; i < z.count; i++) {
      const struct child *one = &z.children[i];
      if (one->state == SERVING && one->client == serial && one->id == message.id)
        kill_group(one->pid, message.a);
    }
  return NULL;
}

/* From the last to the first, since a lost client's place is taken by the last one. */
static napi_value handle_clients(napi_env env, uint32_t polled_count) {
  for (uint32_t i = polled_count; i-- > 0;) {
    short events = z.polled[i + 1].revents;
    if (events & POLLOUT) send_unsent(&z.clients[i]);
    if (!(events & ~POLLOUT)) continue;
    napi_value child = handle_message(env, &z.clients[i]);
    if (child) return child;
  }
  return NULL;
}

/* Spares are made when nothing has happened for so long: they would take time from a short request
 * that is under way, and from the next one if requests come without a pause. */
enum { QUIET_MS = 5 };

static int wait_for_something(void) {
  z.polled[0] = (struct pollfd){.fd = z.alarm, .events = POLLIN};
  for (uint32_t i = 0; i < z.client_count; i++) {
    short events = z.clients[i].unsent_count > 0 ? POLLIN | POLLOUT : POLLIN;
    z.polled[i + 1] = (struct pollfd){.fd = z.clients[i].sock, .events = events};
  }
  bool lacks_spare = z.spares < z.spares_wanted && !z.spares_fail;
  return poll(z.polled, z.client_count + 1, lacks_spare ? QUIET_MS : -1);
}

/* serve(control, spares): in a child, the descriptors it was born with: [conversation, stdout,
 * stderr] and perhaps a socket to us, or [socket] of a spare, from which it receives those. */
napi_value serve(napi_env env, napi_callback_info info) {
  ARGUMENTS(2);
  int control, spares;
  if (!get_int(env, argv[0], &control) || !get_int(env, argv[1], &spares)) return NULL;
  z.spares_wanted = spares < 0 ? 0 : (uint32_t)spares;
  z.self = getpid();
  z.parent = getppid();
  z.alarm = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (z.alarm < 0) return fail(env, errno, "eventfd", "");
  add_client(control);
  struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
  sigemptyset(&action.sa_mask);
  sigaction(SIGCHLD, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  for (;;) {
    uint32_t polled_count = z.client_count;
    int ready = wait_for_something();
    if (ready < 0) {
      if (errno != EINTR) finish(1);
      continue;
    }
    if (ready == 0) {
      napi_value child = fork_spare(env);
      if (child) return child;
      continue;
    }
    uint64_t signals;
    if (z.polled[0].revents && read(z.alarm, &signals, sizeof signals) > 0) {
      reap();
      if (told_to_end || getppid() != z.parent) finish(0);
    }
    napi_value child = handle_clients(env, polled_count);
    if (child) return child;
  }
}
