/* What the files of the addon share: throwing a failed syscall, reading arguments, forking. */
#ifndef ZYGOTE_H
#define ZYGOTE_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#define NAPI_VERSION 8
#include <errno.h>
#include <node_api.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Declared here and not through uv.h, so that no headers of a particular Node are needed: these
 * three signatures are part of libuv's stable ABI. */
struct uv_loop_s;
int uv_loop_fork(struct uv_loop_s *loop);
int uv_loop_alive(const struct uv_loop_s *loop);
const char *uv_err_name(int err);

#define MAX_FDS 8
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The arguments of the JavaScript call, in order; missing ones are undefined. */
#define ARGUMENTS(n)                                                                               \
  napi_value argv[n];                                                                              \
  size_t argc = n;                                                                                 \
  napi_get_cb_info(env, info, &argc, argv, NULL, NULL)

/* Throws an Error with `code`, `errno`, `syscall` and `argument`; returns NULL for the callback. */
napi_value fail(napi_env env, int error, const char *syscall, const char *argument);
napi_value fail_fd(napi_env env, int error, const char *syscall, int fd);

/* Each reads one argument and throws a TypeError when it is of the wrong sort. */
bool get_int(napi_env env, napi_value value, int *out);
bool get_id(napi_env env, napi_value value, uint32_t *out);
bool get_ids(napi_env env, napi_value value, uint32_t *out, uint32_t max, uint32_t *count);
bool get_ints(napi_env env, napi_value value, int *out, uint32_t max, uint32_t *count);
bool get_bytes(napi_env env, napi_value value, uint8_t **data, size_t *length);
bool get_text(napi_env env, napi_value value, char *out, size_t size);

napi_value make_int(napi_env env, int64_t value);
napi_value make_ints(napi_env env, const int *values, uint32_t count);

/* Makes every mapping inheritable, then forks; in the child the event loop is usable again. */
pid_t sweep_and_fork(struct uv_loop_s *loop);
struct uv_loop_s *loop_of(napi_env env);

/* Message and descriptors in one go. Both return -1 with errno set on failure. */
ssize_t send_fds(int sock, const void *data, size_t length, const int *fds, uint32_t count, int flags);
ssize_t receive_fds(int sock, void *data, size_t length, int *fds, uint32_t *count);
void close_all_but(const int *keep, uint32_t count);

napi_value serve(napi_env env, napi_callback_info info);
extern const napi_property_descriptor process_functions[];
extern const size_t process_functions_count;
extern const napi_property_descriptor channel_functions[];
extern const size_t channel_functions_count;
extern const napi_property_descriptor context_functions[];
extern const size_t context_functions_count;

#define FUNCTION(name, callback) {name, NULL, callback, NULL, NULL, NULL, napi_enumerable, NULL}
#endif
