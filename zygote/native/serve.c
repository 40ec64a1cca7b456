/* The zygote's loop. It blocks here for ever; only a forked child returns to JavaScript.
 *
 * Clients: the first is the process that made us. A child may be given a socket of its own to us, and
 * then is one as well: what it asks for are copies of the same moment, so no other zygote is needed.
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
 *   6. A client that does not read what it is told makes nobody else wait, and is not heard meanwhile; one
 *      that can never read it has ended.
 *   7. No client but the first, which counts by itself, has more than MOST_CHILDREN at once.
 */
#include "serve.h"
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

/* Of fixed size and sent by one call each: on a Unix stream socket such a message is never split.
 * (A SEQPACKET socket would say so itself, but libuv, which reads the other end, knows none.) */
struct message {
  uint32_t kind, id;
  int32_t a, b;
};
enum { START = 1, SIGNAL = 2 }; /* a = how the child is asked for; a = which signal */

enum { MOST_CHILDREN = 256, MOST_UNSENT = 1024 };

struct client {
  int sock;
  uint32_t serial; /* the first has 0 */
  bool is_gone;
  struct message *unsent;
  uint32_t unsent_count, unsent_room;
};

static struct {
  int alarm;
  pid_t parent;
  struct client *clients;
  uint32_t client_count, client_room, next_serial;
  struct pollfd *polled; /* the alarm, then the clients in order */
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

void *with_room(void *table, uint32_t count, uint32_t *room, size_t size) {
  if (count < *room) return table;
  *room = *room * 2 + 16;
  table = realloc(table, *room * size);
  if (!table) finish(126);
  return table;
}

void forget_clients(void) {
  close(z.alarm);
  for (uint32_t i = 0; i < z.client_count; i++) free(z.clients[i].unsent);
  free(z.clients);
  free(z.polled);
  memset(&z, 0, sizeof z);
  told_to_end = 0;
}

static void add_client(int sock) {
  z.clients = with_room(z.clients, z.client_count, &z.client_room, sizeof *z.clients);
  z.polled = realloc(z.polled, (z.client_room + 1) * sizeof *z.polled);
  if (!z.polled) finish(126);
  z.clients[z.client_count++] = (struct client){.sock = sock, .serial = z.next_serial++};
}

static void lose_client(struct client *client) {
  if (client->serial == 0) finish(0);
  drop_children(client->serial);
  close(client->sock);
  free(client->unsent);
  *client = z.clients[--z.client_count];
}

/* From the last to the first, since a lost client's place is taken by the last one. */
static void lose_those_gone(void) {
  for (uint32_t i = z.client_count; i-- > 0;)
    if (z.clients[i].is_gone) lose_client(&z.clients[i]);
}

/* As much as it has room for. One that has ended its reading side has room for ever, and takes nothing. */
static void send_unsent(struct client *client) {
  uint32_t sent = 0;
  while (sent < client->unsent_count) {
    ssize_t done = send_fds(client->sock, &client->unsent[sent], sizeof *client->unsent, NULL, 0,
                            MSG_DONTWAIT);
    if (done < 0 && errno != EAGAIN && errno != ENOBUFS && errno != ENOMEM) client->is_gone = true;
    if (done != sizeof *client->unsent) break;
    sent++;
  }
  if (sent == 0) return;
  client->unsent_count -= sent;
  memmove(client->unsent, client->unsent + sent, client->unsent_count * sizeof *client->unsent);
}

void tell(uint32_t serial, uint32_t kind, uint32_t id, int a, int b) {
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

/* With three descriptors of its requester, and a socket to us if it is to be a client. */
static napi_value handle_start(napi_env env, uint32_t client, struct message asked, int *fds) {
  struct request request = {client, asked.id, (asked.a & LEAVES_PROCESSES) != 0};
  if (client != 0 && children_of(client) >= MOST_CHILDREN) {
    tell(client, REFUSED, asked.id, EDQUOT, 0);
    return NULL;
  }
  if (!(asked.a & IS_CLIENT)) return start_child(env, request, fds, 3);
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
    tell(client, REFUSED, asked.id, errno, 0);
    return NULL;
  }
  fds[3] = pair[1];
  napi_value child = start_child(env, request, fds, 4);
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
  if (message.kind == SIGNAL) signal_child(serial, message.id, message.a);
  return NULL;
}

/* From the last to the first, as in `lose_those_gone`. */
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
    const struct client *client = &z.clients[i];
    short events = client->unsent_count > 0 ? POLLOUT : 0;
    if (client->unsent_count < MOST_UNSENT) events |= POLLIN;
    z.polled[i + 1] = (struct pollfd){.fd = client->sock, .events = events};
  }
  return poll(z.polled, z.client_count + 1, lacks_spare() ? QUIET_MS : -1);
}

/* serve(control, spares): in a child, the descriptors it was born with: [conversation, stdout,
 * stderr] and perhaps a socket to us, or [socket] of a spare, from which it receives those. */
napi_value serve(napi_env env, napi_callback_info info) {
  ARGUMENTS(2);
  int control, spares;
  if (!get_int(env, argv[0], &control) || !get_int(env, argv[1], &spares)) return NULL;
  z.parent = getppid();
  z.alarm = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (z.alarm < 0) return fail(env, errno, "eventfd", "");
  begin_children(spares);
  add_client(control);
  struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
  sigemptyset(&action.sa_mask);
  sigaction(SIGCHLD, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  for (;;) {
    lose_those_gone();
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
