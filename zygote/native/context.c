/* Entering another context: root directory, namespaces, user. Only what JavaScript cannot do. */
#include "zygote.h"
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX_GROUPS = 1024 };

/* The caller goes on with process.chdir("/"): Node keeps its own note of the working directory. */
static napi_value js_chroot(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  char directory[PATH_MAX];
  if (!get_text(env, argv[0], directory, sizeof directory)) return NULL;
  return chroot(directory) < 0 ? fail(env, errno, "chroot", directory) : NULL;
}

static napi_value js_unshare(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  int flags;
  if (!get_int(env, argv[0], &flags)) return NULL;
  return unshare(flags) < 0 ? fail_fd(env, errno, "unshare", flags) : NULL;
}

static napi_value js_setns(napi_env env, napi_callback_info info) {
  ARGUMENTS(2);
  int fd, kind;
  if (!get_int(env, argv[0], &fd) || !get_int(env, argv[1], &kind)) return NULL;
  return setns(fd, kind) < 0 ? fail_fd(env, errno, "setns", fd) : NULL;
}

static napi_value js_mount(napi_env env, napi_callback_info info) {
  ARGUMENTS(5);
  char source[PATH_MAX], target[PATH_MAX], type[64], data[1024];
  int flags;
  if (!get_text(env, argv[0], source, sizeof source) ||
      !get_text(env, argv[1], target, sizeof target) ||
      !get_text(env, argv[2], type, sizeof type) || !get_int(env, argv[3], &flags) ||
      !get_text(env, argv[4], data, sizeof data))
    return NULL;
  if (mount(source, target, type, (unsigned long)(unsigned)flags, data) < 0)
    return fail(env, errno, "mount", target);
  return NULL;
}

static napi_value js_umount(napi_env env, napi_callback_info info) {
  ARGUMENTS(2);
  char target[PATH_MAX];
  int flags;
  if (!get_text(env, argv[0], target, sizeof target) || !get_int(env, argv[1], &flags)) return NULL;
  return umount2(target, flags) < 0 ? fail(env, errno, "umount2", target) : NULL;
}

static napi_value js_pivot_root(napi_env env, napi_callback_info info) {
  ARGUMENTS(2);
  char root[PATH_MAX], old[PATH_MAX];
  if (!get_text(env, argv[0], root, sizeof root) || !get_text(env, argv[1], old, sizeof old))
    return NULL;
  if (syscall(SYS_pivot_root, root, old) < 0) return fail(env, errno, "pivot_root", root);
  return NULL;
}

static int by_number(const void *a, const void *b) {
  gid_t x = *(const gid_t *)a, y = *(const gid_t *)b;
  return x < y ? -1 : x > y;
}

/* Whether this process has exactly these groups, whatever their order. */
static bool has_groups(gid_t *wanted, int count) {
  gid_t own[MAX_GROUPS];
  if (getgroups(MAX_GROUPS, own) != count) return false;
  qsort(wanted, (size_t)count, sizeof *wanted, by_number);
  qsort(own, (size_t)count, sizeof *own, by_number);
  return memcmp(own, wanted, (size_t)count * sizeof *own) == 0;
}

/* Groups (undefined: as they are), then gid, then uid, for good. What came of it is looked at, and going
 * back must be impossible afterwards. A change of credentials makes the kernel forget which signal we
 * get when our parent dies: set it again. */
static napi_value become_user(napi_env env, napi_callback_info info) {
  ARGUMENTS(3);
  uid_t u, uids[3];
  gid_t g, gids[3], groups[MAX_GROUPS];
  uint32_t count = 0;
  napi_valuetype type;
  if (!get_id(env, argv[0], &u) || !get_id(env, argv[1], &g) ||
      napi_typeof(env, argv[2], &type) != napi_ok ||
      (type != napi_undefined && !get_ids(env, argv[2], groups, MAX_GROUPS, &count)))
    return NULL;
  if (type != napi_undefined && setgroups(count, groups) < 0)
    return fail(env, errno, "setgroups", "");
  if (setresgid(g, g, g) < 0) return fail_fd(env, errno, "setresgid", (int)g);
  if (setresuid(u, u, u) < 0) return fail_fd(env, errno, "setresuid", (int)u);
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) return fail(env, errno, "prctl", "PR_SET_PDEATHSIG");
  getresuid(&uids[0], &uids[1], &uids[2]);
  getresgid(&gids[0], &gids[1], &gids[2]);
  for (int i = 0; i < 3; i++)
    if (uids[i] != u || gids[i] != g) return fail(env, EPERM, "setresuid", "kept another account");
  if (type != napi_undefined && !has_groups(groups, (int)count))
    return fail(env, EPERM, "setgroups", "kept other groups");
  if (u != 0 && (setuid(0) == 0 || geteuid() == 0)) return fail(env, EPERM, "setuid", "kept uid 0");
  return NULL;
}

/* This process, and what it starts, has no more capabilities than those of the set from now on, which is
 * given as the kernel writes it: in hexadecimal digits. */
static napi_value confine(napi_env env, napi_callback_info info) {
  ARGUMENTS(2);
  char digits[17], *end;
  bool no_new_privs;
  if (!get_text(env, argv[0], digits, sizeof digits)) return NULL;
  uint64_t all = strtoull(digits, &end, 16);
  if (end == digits || *end != 0) return fail(env, EINVAL, "prctl", digits);
  if (napi_get_value_bool(env, argv[1], &no_new_privs) != napi_ok) no_new_privs = true;
  for (int cap = 0; cap < 64 && prctl(PR_CAPBSET_READ, cap) >= 0; cap++)
    if (!(all >> cap & 1) && prctl(PR_CAPBSET_READ, cap) == 1 && prctl(PR_CAPBSET_DROP, cap) < 0)
      return fail_fd(env, errno, "prctl", cap);
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct own[2];
  const uint32_t set[] = {(uint32_t)all, (uint32_t)(all >> 32)};
  if (syscall(SYS_capget, &header, own) < 0) return fail(env, errno, "capget", "");
  for (int i = 0; i < 2; i++) {
    own[i].permitted &= set[i];
    own[i].effective &= set[i];
    own[i].inheritable &= set[i];
  }
  if (syscall(SYS_capset, &header, own) < 0) return fail(env, errno, "capset", "");
  /* What is no longer permitted is no longer ambient, either. */
  if (no_new_privs && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
    return fail(env, errno, "prctl", "PR_SET_NO_NEW_PRIVS");
  return NULL;
}

/* The directory that is open is the root from now on. The caller goes on with process.chdir("/"). */
static napi_value enter_directory(napi_env env, napi_callback_info info) {
  ARGUMENTS(1);
  int fd;
  if (!get_int(env, argv[0], &fd)) return NULL;
  if (fchdir(fd) < 0) return fail_fd(env, errno, "fchdir", fd);
  return chroot(".") < 0 ? fail_fd(env, errno, "chroot", fd) : NULL;
}

/* A device of characters, for everybody. */
static napi_value make_device(napi_env env, napi_callback_info info) {
  ARGUMENTS(3);
  char path[PATH_MAX];
  int major, minor;
  if (!get_text(env, argv[0], path, sizeof path) || !get_int(env, argv[1], &major) ||
      !get_int(env, argv[2], &minor))
    return NULL;
  dev_t device = makedev((unsigned)major, (unsigned)minor);
  if (mknod(path, S_IFCHR | 0666, device) < 0) return fail(env, errno, "mknod", path);
  return chmod(path, 0666) < 0 ? fail(env, errno, "chmod", path) : NULL;
}

/* No descriptor is left but that one, which gets the number 0. */
static void keep_only(int fd) {
  if (fd != 0) dup2(fd, 0);
#ifdef SYS_close_range
  if (syscall(SYS_close_range, 1, ~0U, 0) == 0 || errno != ENOSYS) return;
#endif
  for (int limit = (int)sysconf(_SC_OPEN_MAX), other = 1; other < limit; other++) close(other);
}

/* The first process of the pid namespace that this one has made for its children: with its end all of
 * them end. It has nothing but its root directory, and takes care of orphans until our end. All
 * signals are held back, so that none that tells of an orphan is missed. */
static _Noreturn void be_reaper(const char *root, bool mounts_proc, int told) {
  int error = 0;
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || prctl(PR_SET_DUMPABLE, 0) < 0) error = errno;
  const unsigned long plain = MS_NOSUID | MS_NODEV | MS_NOEXEC;
  if (!error && mounts_proc && mount("proc", ".", "proc", plain, "") < 0) error = errno;
  if (!error && (chroot(root) < 0 || chdir("/") < 0)) error = errno;
  keep_only(told);
  if (write(0, &error, sizeof error) != sizeof error || error) _exit(1);
  close(0);
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  for (;;) {
    while (waitpid(-1, NULL, WNOHANG) > 0) continue;
    sigwaitinfo(&child, NULL);
  }
}

/* startReaper(root, mountsProc): proc is mounted on the working directory. Nothing of Node runs in the
 * new process, so its heap need not be inheritable. */
static napi_value start_reaper(napi_env env, napi_callback_info info) {
  ARGUMENTS(2);
  char root[PATH_MAX];
  bool mounts_proc;
  int told[2], error = EIO;
  if (!get_text(env, argv[0], root, sizeof root)) return NULL;
  if (napi_get_value_bool(env, argv[1], &mounts_proc) != napi_ok) mounts_proc = false;
  if (pipe2(told, O_CLOEXEC) < 0) return fail(env, errno, "pipe2", "");
  sigset_t all, before;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, &before);
  pid_t pid = fork();
  if (pid == 0) be_reaper(root, mounts_proc, told[1]);
  int forked = errno;
  sigprocmask(SIG_SETMASK, &before, NULL);
  close(told[1]);
  if (pid < 0) {
    close(told[0]);
    return fail(env, forked, "fork", "");
  }
  ssize_t got;
  do got = read(told[0], &error, sizeof error);
  while (got < 0 && errno == EINTR);
  close(told[0]);
  return error ? fail(env, error, mounts_proc ? "mount" : "chroot", root) : NULL;
}

/* Programs that are started from now on have their memory at the same addresses every time. */
static napi_value fix_addresses(napi_env env, napi_callback_info info) {
  (void)info;
  return personality(ADDR_NO_RANDOMIZE) < 0 ? fail(env, errno, "personality", "") : NULL;
}

const napi_property_descriptor context_functions[] = {
    FUNCTION("chroot", js_chroot),    FUNCTION("unshare", js_unshare),
    FUNCTION("setns", js_setns),      FUNCTION("mount", js_mount),
    FUNCTION("umount", js_umount),    FUNCTION("pivotRoot", js_pivot_root),
    FUNCTION("becomeUser", become_user), FUNCTION("fixAddresses", fix_addresses),
    FUNCTION("confine", confine),     FUNCTION("enterDirectory", enter_directory),
    FUNCTION("makeDevice", make_device), FUNCTION("startReaper", start_reaper),
};
const size_t context_functions_count = COUNT(context_functions);
