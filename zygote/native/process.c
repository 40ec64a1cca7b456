/* Forking, ending, reaping and marking processes. */
#include "zygote.h"
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* madvise walks a range over its holes and reports them at the end as ENOMEM. Only a mapping that
 * can never be inherited (a device, the kernel's vvar pages) ends the walk early, with EINVAL: then
 * both halves are walked, so that nothing but the offending pages themselves is left out. */
static void make_inheritable(uintptr_t from, uintptr_t to) {
  const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  if (madvise((void *)from, to - from, MADV_DOFORK) == 0 || errno != EINVAL) return;
  uintptr_t middle = (from + (to - from) / 2) & ~(page - 1);
  if (middle <= from) return;
  make_inheritable(from, middle);
  make_inheritable(middle, to);
}

/* V8 marks its heap MADV_DONTFORK so that spawning is cheap; a child without it dies of SIGSEGV at
 * its first step. Two calls sweep the whole address space, in microseconds and without /proc, which
 * an empty chroot does not have. The kernel's own pages beside the vDSO are walked apart. */
static void sweep(void) {
  const uintptr_t low = 1UL << 16, high = 1UL << 52, margin = 1UL << 16;
  uintptr_t vdso = getauxval(AT_SYSINFO_EHDR) & ~(margin - 1);
  if (vdso < 2 * low) {
    make_inheritable(low, high);
    return;
  }
  make_inheritable(low, vdso - margin);
  make_inheritable(vdso - margin, vdso + margin);
  make_inheritable(vdso + margin, high);
}

/* Nothing may run between the sweep and the fork: V8 marks each new page of its heap again. */
pid_t sweep_and_fork(struct uv_loop_s *loop) {
  sweep();
  pid_t pid = fork();
  /* First of all: until then parent and child share one epoll set, and the child's closing of a
   * stream takes it out of the parent's. */
  if (pid == 0 && uv_loop_fork(loop) != 0) _exit(125);
  return pid;
}

static napi_value js_fork(napi_env env, napi_callback_info info) {
  (void)info;
  pid_t pid = sweep_and_fork(loop_of(env));
  return pid < 0 ? fail(env, errno, "fork", "") : make_int(env, pid);
}

/* How long fork + _exit + wait of this very process takes: [nanoseconds, ...]. */
static napi_value measure_fork(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  int count;
  if (!get_int(env, argv[0], &count)) return NULL;
  napi_value times;
  napi_create_array(env, &times);
  for (int i = 0; i < count; i++) {
    struct timespec begun, ended;
    clock_gettime(CLOCK_MONOTONIC, &begun);
    sweep();
    pid_t pid = fork();
    if (pid == 0) _exit(0);
    if (pid < 0) return fail(env, errno, "fork", "");
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) continue;
    clock_gettime(CLOCK_MONOTONIC, &ended);
    int64_t spent = (ended.tv_sec - begun.tv_sec) * 1000000000LL + ended.tv_nsec - begun.tv_nsec;
    napi_set_element(env, times, i, make_int(env, spent));
  }
  return times;
}

static napi_value js_exit(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  int code = 1;
  napi_get_value_int32(env, argv[0], &code);
  _exit(code & 255);
}

/* undefined while it runs, else [exit code, signal]. */
static napi_value poll_child(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  int pid, status;
  if (!get_int(env, argv[0], &pid)) return NULL;
  pid_t ended;
  do ended = waitpid(pid, &status, WNOHANG);
  while (ended < 0 && errno == EINTR);
  if (ended < 0) return fail_fd(env, errno, "waitpid", pid);
  if (ended == 0) return NULL;
  int parts[] = {WIFEXITED(status) ? WEXITSTATUS(status) : 0,
                 WIFSIGNALED(status) ? WTERMSIG(status) : 0};
  return make_ints(env, parts, 2);
}

/* What makes a forked copy of a program a zygote: a session of its own (no Ctrl-C, no SIGHUP of the
 * terminal), nothing on its standard descriptors, told of its parent's end, parent of orphans,
 * not to be read by others of its uid, and never dumped. */
static napi_value become_zygote(napi_env env, napi_callback_info info) {
  (void)info;
  setsid();
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  /* Inside an empty chroot fd 0 already is /dev/null: our parent came this way. */
  if (null < 0) null = STDIN_FILENO;
  for (int fd = 0; fd <= 2; fd++)
    if (fd != null && dup2(null, fd) < 0) return fail_fd(env, errno, "dup2", fd);
  if (null > 2) close(null);
  if (prctl(PR_SET_PDEATHSIG, SIGCHLD) < 0) return fail(env, errno, "prctl", "PR_SET_PDEATHSIG");
  if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
    return fail(env, errno, "prctl", "PR_SET_CHILD_SUBREAPER");
  if (prctl(PR_SET_DUMPABLE, 0) < 0) return fail(env, errno, "prctl", "PR_SET_DUMPABLE");
  const struct rlimit none = {0, 0};
  if (setrlimit(RLIMIT_CORE, &none) < 0) return fail(env, errno, "setrlimit", "RLIMIT_CORE");
  return NULL;
}

/* From now on what our descendants leave behind is ours: it is found when we end. */
static napi_value adopt_orphans(napi_env env, napi_callback_info info) {
  (void)info;
  return prctl(PR_SET_CHILD_SUBREAPER, 1) < 0 ? fail(env, errno, "prctl", "PR_SET_CHILD_SUBREAPER")
                                              : NULL;
}

static void on_debug_signal(int signal) {
  (void)signal;
}

/* Memory with secrets in it goes nowhere: not into a core dump, nor to others of its uid, nor to the
 * debugger that Node opens at SIGUSR1. A handler and not SIG_IGN, which programs that are started would
 * inherit. */
static napi_value keep_private(napi_env env, napi_callback_info info) {
  (void)info;
  struct rlimit core;
  if (getrlimit(RLIMIT_CORE, &core) < 0) return fail(env, errno, "getrlimit", "RLIMIT_CORE");
  core.rlim_cur = 0;
  if (setrlimit(RLIMIT_CORE, &core) < 0) return fail(env, errno, "setrlimit", "RLIMIT_CORE");
  if (prctl(PR_SET_DUMPABLE, 0) < 0) return fail(env, errno, "prctl", "PR_SET_DUMPABLE");
  struct sigaction action = {.sa_handler = on_debug_signal, .sa_flags = SA_RESTART};
  sigemptyset(&action.sa_mask);
  sigaction(SIGUSR1, &action, NULL);
  return NULL;
}

static void end_group(int signal) {
  (void)signal;
  kill(0, SIGKILL);
}

/* Ends with its parent, whatever it is busy with, and with it all of its group. False if the parent has ended
 * already. The signal is one that nobody else uses. */
static napi_value end_with_parent(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  int parent;
  if (!get_int(env, argv[0], &parent)) return NULL;
  struct sigaction action = {.sa_handler = end_group};
  sigemptyset(&action.sa_mask);
  sigaction(SIGRTMIN, &action, NULL);
  if (prctl(PR_SET_PDEATHSIG, SIGRTMIN) < 0) return fail(env, errno, "prctl", "PR_SET_PDEATHSIG");
  napi_value result;
  napi_get_boolean(env, getppid() == parent, &result);
  return result;
}

/* Of V8's C++ interface, by their linker names, since Node-API has nothing for it; weak, so that an
 * engine without them only forks more slowly. */
extern void *current_isolate(void) __asm__("_ZN2v87Isolate10GetCurrentEv") __attribute__((weak));
extern void low_memory(void *isolate) __asm__("_ZN2v87Isolate21LowMemoryNotificationEv")
    __attribute__((weak));

/* Collects and gives back what is free. Loading modules leaves V8 with several megabytes of empty
 * pages; fork would copy the tables of all of them, for each grandchild. */
static napi_value shrink_heap(napi_env env, napi_callback_info info) {
  (void)env;
  (void)info;
  if (current_isolate && low_memory) low_memory(current_isolate());
#ifdef __GLIBC__
  malloc_trim(0);
#endif
  return NULL;
}

static napi_value js_getpid(napi_env env, napi_callback_info info) {
  (void)info;
  return make_int(env, getpid());
}

/* Whether anything keeps the event loop going. */
static napi_value loop_alive(napi_env env, napi_callback_info info) {
  (void)info;
  napi_value result;
  napi_get_boolean(env, uv_loop_alive(loop_of(env)) != 0, &result);
  return result;
}

/* Fills bytes from the kernel: no state of this process, hence none shared with its siblings. */
static napi_value fill_random(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  uint8_t *data;
  size_t length;
  if (!get_bytes(env, argv[0], &data, &length)) return NULL;
  for (size_t done = 0; done < length;) {
    ssize_t got = getrandom(data + done, length - done, 0);
    if (got < 0 && errno != EINTR) return fail(env, errno, "getrandom", "");
    if (got > 0) done += (size_t)got;
  }
  return NULL;
}

const napi_property_descriptor process_functions[] = {
    FUNCTION("fork", js_fork),           FUNCTION("measureFork", measure_fork),
    FUNCTION("exit", js_exit),           FUNCTION("pollChild", poll_child),
    FUNCTION("getpid", js_getpid),       FUNCTION("becomeZygote", become_zygote),
    FUNCTION("loopAlive", loop_alive),   FUNCTION("fillRandom", fill_random),
    FUNCTION("shrinkHeap", shrink_heap), FUNCTION("adoptOrphans", adopt_orphans),
    FUNCTION("keepPrivate", keep_private), FUNCTION("endWithParent", end_with_parent),
};
const size_t process_functions_count = COUNT(process_functions);
