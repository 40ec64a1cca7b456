/* A zygote's loop, without Node, and clients that are up to no good: built with sanitizers, so that whatever
 * they make it do wrong ends it. `hostileClient SEED ROUNDS` prints what does not hold, and ends with 1. */
#include "serve.h"
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* ---- what the loop wants of Node */

static int arguments[2];
static int given[MAX_FDS];
static uint32_t given_count;

napi_status napi_get_cb_info(napi_env env, napi_callback_info info, size_t *argc, napi_value *argv,
                             napi_value *self, void **data) {
  (void)env, (void)info, (void)self, (void)data;
  for (size_t i = 0; i < *argc && i < COUNT(arguments); i++) argv[i] = (napi_value)&arguments[i];
  return napi_ok;
}
napi_status napi_get_boolean(napi_env env, bool value, napi_value *result) {
  (void)env, (void)value;
  *result = (napi_value)arguments;
  return napi_ok;
}
bool get_int(napi_env env, napi_value value, int *out) {
  (void)env;
  *out = *(int *)value;
  return true;
}
bool get_ints(napi_env env, napi_value value, int *out, uint32_t max, uint32_t *count) {
  (void)env, (void)value, (void)out, (void)max, (void)count;
  abort();
}
bool get_bytes(napi_env env, napi_value value, uint8_t **data, size_t *length) {
  (void)env, (void)value, (void)data, (void)length;
  abort();
}
napi_value make_int(napi_env env, int64_t value) {
  (void)env, (void)value;
  abort();
}
napi_value make_ints(napi_env env, const int *values, uint32_t count) {
  (void)env;
  memcpy(given, values, count * sizeof *values);
  given_count = count;
  return (napi_value)given;
}
napi_value fail(napi_env env, int error, const char *syscall, const char *argument) {
  (void)env;
  fprintf(stderr, "%s %s: %s\n", syscall, argument, strerror(error));
  abort();
}
napi_value fail_fd(napi_env env, int error, const char *syscall, int fd) {
  (void)fd;
  return fail(env, error, syscall, "");
}
struct uv_loop_s *loop_of(napi_env env) {
  (void)env;
  return NULL;
}
pid_t sweep_and_fork(struct uv_loop_s *loop) {
  (void)loop;
  return fork();
}

/* ---- the clients */

struct message {
  uint32_t kind, id;
  int32_t a, b;
};
enum { START = 1, SIGNAL = 2 };
/* What a client does, told by the number of the request that made it. */
enum { HONEST = 1, ENDS_READING, NEVER_READS, FLOODS, TALKS_NONSENSE, KINDS };

static unsigned state;
static unsigned random_below(unsigned most) {
  state = state * 1664525u + 1013904223u;
  return (state >> 8) % most;
}

static void pause_ms(int ms) {
  struct timespec time = {ms / 1000, ms % 1000 * 1000000L};
  nanosleep(&time, NULL);
}

static bool send_start(int sock, uint32_t id, int how) {
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  int fds[] = {null, null, null};
  struct message message = {START, id, how, 0};
  ssize_t sent = send_fds(sock, &message, sizeof message, fds, 3, MSG_DONTWAIT);
  close(null);
  return sent == sizeof message;
}

static void talk_nonsense(int sock) {
  for (int count = 0; count < 50; count++) {
    uint8_t data[64];
    int fds[10];
    int fd_count = (int)random_below(COUNT(fds) - 1), null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (size_t i = 0; i < sizeof data; i++) data[i] = (uint8_t)random_below(random_below(2) ? 3 : 256);
    for (int i = 0; i < fd_count; i++) fds[i] = null;
    size_t length = random_below(3) ? sizeof(struct message) : 1 + random_below(sizeof data - 1);
    send_fds(sock, data, length, fds, fd_count > MAX_FDS ? MAX_FDS : (uint32_t)fd_count, MSG_DONTWAIT);
    close(null);
  }
  if (random_below(2)) shutdown(sock, SHUT_WR);
}

static _Noreturn void be_child(void) {
  char byte;
  if (given_count == 1 && receive_fds(given[0], &byte, 1, given, &given_count) <= 0) _exit(0);
  if (given_count < 4) {
    pause_ms(300);
    _exit(0);
  }
  int sock = given[3];
  struct message message;
  /* Which client we are comes as the first word of the conversation. */
  uint8_t kind = 0;
  if (read(given[0], &kind, 1) != 1) _exit(0);
  state += kind;
  if (kind == ENDS_READING) shutdown(sock, SHUT_RD);
  if (kind == FLOODS || kind == NEVER_READS)
    for (uint32_t id = 0; id < 2000; id++)
      while (!send_start(sock, id, 0)) {
        struct pollfd polled = {.fd = sock, .events = POLLOUT};
        if (kind == NEVER_READS && poll(&polled, 1, 200) == 0) _exit(0);
        while (kind == FLOODS && recv(sock, &message, sizeof message, MSG_DONTWAIT) > 0) continue;
      }
  if (kind == TALKS_NONSENSE) talk_nonsense(sock);
  send_start(sock, 1, 0);
  pause_ms(500);
  _exit(0);
}

static bool hear(int sock, struct message *message, int ms) {
  struct pollfd polled = {.fd = sock, .events = POLLIN};
  return poll(&polled, 1, ms) == 1 && read(sock, message, sizeof *message) == sizeof *message;
}

static double cpu_of(pid_t pid) {
  clockid_t clock;
  struct timespec time;
  if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &time) != 0) return -1;
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int children_of_process(pid_t pid) {
  char name[64], text[65536];
  int count = 0;
  snprintf(name, sizeof name, "/proc/%d/task/%d/children", pid, pid);
  int file = open(name, O_RDONLY | O_CLOEXEC);
  for (ssize_t got; (got = read(file, text, sizeof text)) > 0;)
    for (ssize_t i = 0; i < got; i++) count += text[i] == ' ';
  close(file);
  return count;
}

static int failures;
static void expect(bool holds, const char *what, unsigned kind) {
  if (holds) return;
  failures++;
  printf("client %u: %s\n", kind, what);
}

/* One client of that kind, and then an honest request. */
static void go_through(int control, pid_t zygote, uint8_t kind) {
  int pair[2], null = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) abort();
  int fds[] = {pair[1], null, null};
  struct message message = {START, kind, IS_CLIENT, 0}, heard;
  send_fds(control, &message, sizeof message, fds, 3, 0);
  close(pair[1]);
  close(null);
  if (write(pair[0], &kind, 1) != 1) abort();
  double before = cpu_of(zygote);
  uint32_t started = 0, ended = 0;
  int most = 0;
  for (time_t end = time(NULL) + 60; ended == 0 && time(NULL) < end;) {
    int count = children_of_process(zygote);
    most = count > most ? count : most;
    if (!hear(control, &heard, 10)) continue;
    if (heard.kind == STARTED && heard.id == kind) started++;
    if (heard.kind == ENDED && heard.id == kind) ended++;
  }
  expect(started == 1 && ended == 1, "it was not told once to have begun and to have ended", kind);
  expect(most < 270, "it has more children than it may have", kind);
  bool forks = kind == FLOODS || kind == NEVER_READS;
  expect(forks || cpu_of(zygote) - before < 0.25, "the zygote is busy with nothing", kind);
  close(pair[0]);
  uint32_t id = 1000;
  expect(send_start(control, id, 0), "an honest request cannot be sent", kind);
  bool is_served = false;
  while (!is_served && hear(control, &heard, 5000)) is_served = heard.kind == ENDED && heard.id == id;
  expect(is_served, "an honest request is not served", kind);
}

int main(int argc, char **argv) {
  int pair[2], rounds = argc > 2 ? atoi(argv[2]) : 1, status;
  state = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 1;
  signal(SIGPIPE, SIG_IGN);
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) abort();
  pid_t zygote = fork();
  if (zygote == 0) {
    close(pair[0]);
    setsid();
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    prctl(PR_SET_PDEATHSIG, SIGCHLD);
    arguments[0] = pair[1];
    arguments[1] = 1;
    serve(NULL, NULL);
    be_child();
  }
  close(pair[1]);
  for (int round = 0; round < rounds; round++)
    for (uint8_t kind = HONEST; kind < KINDS; kind++) go_through(pair[0], zygote, kind);
  close(pair[0]);
  bool has_ended = waitpid(zygote, &status, 0) == zygote && WIFEXITED(status) && WEXITSTATUS(status) == 0;
  expect(has_ended, "the zygote has not ended well", 0);
  return failures > 0;
}
