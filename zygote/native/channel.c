/* Sockets, pipes and the descriptors that travel over them. */
#include "zygote.h"
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

ssize_t send_fds(int sock, const void *data, size_t length, const int *fds, uint32_t count, int flags) {
  _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int) * MAX_FDS)] = {0};
  struct iovec part = {(void *)data, length};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  if (count > 0) {
    message.msg_control = control;
    message.msg_controllen = CMSG_SPACE(sizeof(int) * count);
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int) * count);
    memcpy(CMSG_DATA(header), fds, sizeof(int) * count);
  }
  ssize_t sent;
  do sent = sendmsg(sock, &message, MSG_NOSIGNAL | flags);
  while (sent < 0 && errno == EINTR);
  return sent;
}

ssize_t receive_fds(int sock, void *data, size_t length, int *fds, uint32_t *count) {
  _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int) * MAX_FDS)];
  struct iovec part = {data, length};
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  ssize_t got;
  do got = recvmsg(sock, &message, MSG_CMSG_CLOEXEC);
  while (got < 0 && errno == EINTR);
  *count = 0;
  if (got <= 0) return got;
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
    *count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    memcpy(fds, CMSG_DATA(header), *count * sizeof(int));
  }
  return got;
}

static bool listed(int fd, const int *list, uint32_t count) {
  for (uint32_t i = 0; i < count; i++)
    if (list[i] == fd) return true;
  return false;
}

/* Closes all descriptors except 0-2, those given, and the ones Node itself made to talk to itself:
 * eventfds, epoll sets, and pipes of which this process holds both ends. Closing those would make
 * libuv abort, or worse, write its wake-ups into whatever file gets the number next. What a sort of
 * descriptor is, fstat tells, so no /proc is needed. */
void close_all_but(const int *keep, uint32_t count) {
  /* The kernel gives out the lowest free number, so what follows such a gap was put there on
   * purpose and is not Node's. */
  enum { LIMIT = 1024, GAP = 64 };
  ino_t inodes[LIMIT];
  int pipes[LIMIT], total = 0, fd = 3, last = 2;
  for (uint32_t i = 0; i < count; i++) last = keep[i] > last ? keep[i] : last;
  for (; fd <= last + GAP; fd++) {
    struct stat about;
    if (fstat(fd, &about) < 0) continue;
    if (fd > last) last = fd;
    if (listed(fd, keep, count)) continue;
    if ((about.st_mode & S_IFMT) == 0) continue; /* an anonymous inode: epoll, eventfd, ... */
    /* Node's own are among the first: it makes them when it starts. */
    if (!S_ISFIFO(about.st_mode) || total == LIMIT) {
      close(fd);
      continue;
    }
    inodes[total] = about.st_ino;
    pipes[total++] = fd;
  }
  for (int i = 0; i < total; i++) {
    bool own = false;
    for (int j = 0; j < total; j++) own |= j != i && inodes[j] == inodes[i];
    if (!own) close(pipes[i]);
  }
  /* By number, since glibc before 2.34 has no wrapper. */
#ifdef SYS_close_range
  if (syscall(SYS_close_range, fd, ~0U, 0) == 0 || errno != ENOSYS) return;
#endif
  for (int limit = (int)sysconf(_SC_OPEN_MAX); fd < limit; fd++) close(fd);
}

static napi_value js_close_all_but(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  int keep[64];
  uint32_t count;
  if (!get_ints(env, argv[0], keep, COUNT(keep), &count)) return NULL;
  close_all_but(keep, count);
  return NULL;
}

static napi_value js_socketpair(napi_env env, napi_callback_info info) {
  (void)info;
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
    return fail(env, errno, "socketpair", "AF_UNIX");
  return make_ints(env, pair, 2);
}

static napi_value js_dup2(napi_env env, napi_callback_info info) {
  ARGUMENTS(2);
  int from, to;
  if (!get_int(env, argv[0], &from) || !get_int(env, argv[1], &to)) return NULL;
  /* Programs that are started get the standard ones alone. */
  return dup3(from, to, to > 2 ? O_CLOEXEC : 0) < 0 ? fail_fd(env, errno, "dup2", from) : NULL;
}

/* Sends one message, with descriptors, whole or not at all: false when the peer must first read. */
static napi_value js_send(napi_env env, napi_callback_info info) {
  ARGUMENTS(3);
  int sock, fds[MAX_FDS];
  uint8_t *data;
  size_t length;
  uint32_t count;
  if (!get_int(env, argv[0], &sock) || !get_bytes(env, argv[1], &data, &length) ||
      !get_ints(env, argv[2], fds, MAX_FDS, &count))
    return NULL;
  ssize_t sent = send_fds(sock, data, length, fds, count, MSG_DONTWAIT);
  if (sent < 0 && errno != EAGAIN && errno != ETOOMANYREFS && errno != ENOBUFS)
    return fail_fd(env, errno, "sendmsg", sock);
  napi_value result;
  napi_get_boolean(env, sent == (ssize_t)length, &result);
  return result;
}

/* Asks a zygote for a process, in one go since every request waits for it: makes a conversation and
 * two pipes, writes the first words into the conversation, sends the message with the other ends.
 * Our ends, or undefined when the zygote must first read. */
static napi_value js_ask(napi_env env, napi_callback_info info) {
  ARGUMENTS(3);
  int control, pair[2], out[2], err[2];
  uint8_t *message, *words;
  size_t message_length, words_length;
  if (!get_int(env, argv[0], &control) || !get_bytes(env, argv[1], &message, &message_length) ||
      !get_bytes(env, argv[2], &words, &words_length))
    return NULL;
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
    return fail(env, errno, "socketpair", "AF_UNIX");
  const char *failed = NULL;
  if (pipe2(out, O_CLOEXEC) < 0) {
    out[0] = out[1] = err[0] = err[1] = -1;
    failed = "pipe2";
  } else if (pipe2(err, O_CLOEXEC) < 0) {
    err[0] = err[1] = -1;
    failed = "pipe2";
  } else if (send(pair[0], words, words_length, MSG_DONTWAIT) != (ssize_t)words_length) {
    failed = "send";
  } else {
    int theirs[] = {pair[1], out[1], err[1]};
    if (send_fds(control, message, message_length, theirs, 3, MSG_DONTWAIT) < 0) failed = "sendmsg";
  }
  int error = errno;
  close(pair[1]);
  close(out[1]);
  close(err[1]);
  if (!failed) return make_ints(env, (int[]){pair[0], out[0], err[0]}, 3);
  close(pair[0]);
  close(out[0]);
  close(err[0]);
  bool is_busy = error == EAGAIN || error == ETOOMANYREFS || error == ENOBUFS;
  return is_busy ? NULL : fail_fd(env, error, failed, control);
}

/* Waits for a message and returns its descriptors; none when the peer is gone. */
static napi_value js_receive(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  int sock, fds[MAX_FDS];
  uint32_t count;
  char data[64];
  if (!get_int(env, argv[0], &sock)) return NULL;
  if (receive_fds(sock, data, sizeof data, fds, &count) < 0)
    return fail_fd(env, errno, "recvmsg", sock);
  return make_ints(env, fds, count);
}

/* Reads until the bytes are full or the peer has ended; how many were read. */
static napi_value js_read(napi_env env, napi_callback_info info) {
  ARGUMENTS(2);
  int fd;
  uint8_t *data;
  size_t length, done = 0;
  if (!get_int(env, argv[0], &fd) || !get_bytes(env, argv[1], &data, &length)) return NULL;
  while (done < length) {
    ssize_t got = read(fd, data + done, length - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_fd(env, errno, "read", fd);
    if (got == 0) break;
    done += (size_t)got;
  }
  return make_int(env, (int64_t)done);
}

/* Writes all of the bytes, waiting for the reader, also where the descriptor is non-blocking. */
static bool write_all(int fd, const uint8_t *data, size_t length) {
  while (length > 0) {
    ssize_t put = write(fd, data, length);
    if (put < 0 && errno == EAGAIN) poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, -1);
    else if (put < 0 && errno != EINTR) return false;
    else if (put > 0) data += put, length -= (size_t)put;
  }
  return true;
}

static napi_value js_write(napi_env env, napi_callback_info info) {
  ARGUMENTS(2);
  int fd;
  uint8_t *data;
  size_t length;
  if (!get_int(env, argv[0], &fd) || !get_bytes(env, argv[1], &data, &length)) return NULL;
  return write_all(fd, data, length) ? NULL : fail_fd(env, errno, "write", fd);
}

/* Last words, then the end of both outputs, then our own: giving back memory, which comes before
 * the closing of descriptors, takes longer than a short request. Nothing is closed by number, since
 * a thread that is still at work might get the number for a file of its own. Whoever would still
 * write to us is given time to see that we end: a failed write would keep it from reading. */
static napi_value js_end(napi_env env, napi_callback_info info) {
  ARGUMENTS(4);
  int conversation, code, patience_ms;
  char unheard[4096];
  uint8_t *words;
  size_t length;
  if (!get_int(env, argv[0], &conversation) || !get_bytes(env, argv[1], &words, &length) ||
      !get_int(env, argv[2], &code) || !get_int(env, argv[3], &patience_ms))
    return NULL;
  write_all(conversation, words, length); /* if nobody reads it, there is nobody to tell */
  shutdown(conversation, SHUT_WR);
  dup2(conversation, STDOUT_FILENO);
  dup2(conversation, STDERR_FILENO);
  struct pollfd polled = {.fd = conversation, .events = POLLIN};
  while (poll(&polled, 1, patience_ms) == 1 && read(conversation, unheard, sizeof unheard) > 0) continue;
  /* Whoever has just been woken may be waiting for this very CPU. */
  sched_yield();
  _exit(code & 255);
}

const napi_property_descriptor channel_functions[] = {
    FUNCTION("closeAllBut", js_close_all_but), FUNCTION("socketpair", js_socketpair),
    FUNCTION("ask", js_ask),                   FUNCTION("dup2", js_dup2),
    FUNCTION("send", js_send),                 FUNCTION("receive", js_receive),
    FUNCTION("read", js_read),                 FUNCTION("write", js_write),
    FUNCTION("end", js_end),
};
const size_t channel_functions_count = COUNT(channel_functions);
