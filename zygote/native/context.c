/* Entering another context: root directory, namespaces, user. Only what JavaScript cannot do. */
#include "zygote.h"
#include <grp.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

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

/* Groups (-1: as they are), then gid, then uid, for good. Going back must be impossible afterwards,
 * and a change of credentials makes the kernel forget which signal we get when our parent dies: set
 * it again. */
static napi_value become_user(napi_env env, napi_callback_info info) {
  ARGUMENTS(3);
  int uid, gid, groups[256];
  gid_t list[256];
  uint32_t count;
  if (!get_int(env, argv[0], &uid) || !get_int(env, argv[1], &gid) ||
      !get_ints(env, argv[2], groups, COUNT(groups), &count))
    return NULL;
  for (uint32_t i = 0; i < count; i++) list[i] = (gid_t)groups[i];
  if (!(count == 1 && groups[0] == -1) && setgroups(count, list) < 0)
    return fail(env, errno, "setgroups", "");
  gid_t g = (gid_t)gid;
  uid_t u = (uid_t)uid;
  if (setresgid(g, g, g) < 0) return fail_fd(env, errno, "setresgid", gid);
  if (setresuid(u, u, u) < 0) return fail_fd(env, errno, "setresuid", uid);
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) return fail(env, errno, "prctl", "PR_SET_PDEATHSIG");
  if (u != 0 && (setuid(0) == 0 || geteuid() == 0)) return fail(env, EPERM, "setuid", "kept uid 0");
  return NULL;
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
};
const size_t context_functions_count = COUNT(context_functions);
