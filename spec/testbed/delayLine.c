/* delayLine NEAR FAR: creates two TAP devices in its network namespace and copies every Ethernet
 * frame from one to the other after a fixed delay, in order and without loss, so that a round trip
 * through both takes twice the delay. For kernels without a delaying packet scheduler.
 *
 * Each line on standard input is a new one-way delay in microseconds, acknowledged with a line;
 * another line says that the devices exist. They vanish with the process, which ends with its
 * standard input.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { FRAME_SIZE = 2048, SLOTS = 8192 };

struct frame {
  int64_t due;
  ssize_t length;
  unsigned char bytes[FRAME_SIZE];
};

/* One direction: a ring of frames on their way from one device to the other. */
struct direction {
  int from, to;
  unsigned first, count;
  struct frame *ring;
};

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static int64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int open_tap(const char *name) {
  struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI};
  int tap = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (tap < 0) fail("/dev/net/tun");
  snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
  if (ioctl(tap, TUNSETIFF, &request)) fail(name);
  return tap;
}

static void receive(struct direction *d, int64_t delay) {
  while (d->count < SLOTS) {
    struct frame *f = &d->ring[(d->first + d->count) % SLOTS];
    f->length = read(d->from, f->bytes, FRAME_SIZE);
    if (f->length <= 0) return;
    f->due = now() + delay;
    d->count++;
  }
}

/* Sends what is due; returns the time until the next frame is, or `idle`. */
static int64_t transmit(struct direction *d, int64_t idle) {
  for (; d->count > 0; d->count--, d->first = (d->first + 1) % SLOTS) {
    struct frame *f = &d->ring[d->first];
    int64_t wait = f->due - now();
    if (wait > 0) return wait < idle ? wait : idle;
    /* A device that is down loses the frame, as a pulled cable does. */
    (void)!write(d->to, f->bytes, (size_t)f->length);
  }
  return idle;
}

static int64_t new_delay(void) {
  char line[32];
  if (!fgets(line, sizeof line, stdin)) exit(0);
  puts("delay set");
  return atoll(line) * 1000;
}

int main(int argc, char **argv) {
  if (argc != 3) return fprintf(stderr, "usage: %s NEAR FAR\n", argv[0]), 2;
  int near = open_tap(argv[1]), far = open_tap(argv[2]);
  struct direction there = {near, far, 0, 0, calloc(SLOTS, sizeof(struct frame))};
  struct direction back = {far, near, 0, 0, calloc(SLOTS, sizeof(struct frame))};
  if (!there.ring || !back.ring) fail("calloc");
  /* A delay which depends on how busy the machine is would be no use; both calls may be refused. */
  struct sched_param first = {.sched_priority = 1};
  if (sched_setscheduler(0, SCHED_RR, &first)) setpriority(PRIO_PROCESS, 0, -15);
  prctl(PR_SET_TIMERSLACK, 1000UL);
  setvbuf(stdin, NULL, _IONBF, 0);
  setvbuf(stdout, NULL, _IOLBF, 0);
  puts("ready");

  int64_t delay = 0;
  for (;;) {
    int64_t wait = transmit(&there, transmit(&back, INT64_C(60000000000)));
    struct timespec timeout = {wait / 1000000000, wait % 1000000000};
    struct pollfd events[] = {{0, POLLIN, 0}, {near, POLLIN, 0}, {far, POLLIN, 0}};
    if (ppoll(events, 3, &timeout, NULL) <= 0) continue;
    if (events[0].revents) delay = new_delay();
    if (events[1].revents) receive(&there, delay);
    if (events[2].revents) receive(&back, delay);
  }
}
