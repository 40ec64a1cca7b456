/* Entry of the addon, and the helpers of its other files. */
#include "zygote.h"
#include <stdio.h>
#include <string.h>

napi_value fail(napi_env env, int error, const char *syscall, const char *argument) {
  char message[512];
  /* libuv has no names for errors that it never meets. */
  const char *name = error == ECHILD  ? "ECHILD"
                     : error == EUSERS ? "EUSERS"
                     : error == EDQUOT ? "EDQUOT"
                                       : uv_err_name(-error);
  snprintf(message, sizeof message, "%s: %s, %s %s", name, strerror(error), syscall, argument);
  napi_value code, text, object, value;
  napi_create_string_utf8(env, name, NAPI_AUTO_LENGTH, &code);
  napi_create_string_utf8(env, message, NAPI_AUTO_LENGTH, &text);
  napi_create_error(env, code, text, &object);
  napi_set_named_property(env, object, "errno", make_int(env, error));
  napi_create_string_utf8(env, syscall, NAPI_AUTO_LENGTH, &value);
  napi_set_named_property(env, object, "syscall", value);
  napi_create_string_utf8(env, argument, NAPI_AUTO_LENGTH, &value);
  napi_set_named_property(env, object, "argument", value);
  napi_throw(env, object);
  return NULL;
}

napi_value fail_fd(napi_env env, int error, const char *syscall, int fd) {
  char text[16];
  snprintf(text, sizeof text, "%d", fd);
  return fail(env, error, syscall, text);
}

static bool wrong(napi_env env, const char *expected) {
  napi_throw_type_error(env, "ERR_INVALID_ARG_TYPE", expected);
  return false;
}

/* Node-API itself makes 0 of what is no number, cuts fractions off and wraps what is too large. */
static bool get_whole(napi_env env, napi_value value, double least, double most, double *out) {
  return (napi_get_value_double(env, value, out) == napi_ok && *out >= least && *out <= most &&
          *out == (double)(int64_t)*out) ||
         wrong(env, "expected an integer");
}

bool get_int(napi_env env, napi_value value, int *out) {
  double number;
  if (!get_whole(env, value, INT32_MIN, INT32_MAX, &number)) return false;
  *out = (int)number;
  return true;
}

/* The greatest number means "no change" to the kernel. */
bool get_id(napi_env env, napi_value value, uint32_t *out) {
  double number;
  if (!get_whole(env, value, 0, UINT32_MAX - 1.0, &number)) return false;
  *out = (uint32_t)number;
  return true;
}

bool get_ids(napi_env env, napi_value value, uint32_t *out, uint32_t max, uint32_t *count) {
  if (napi_get_array_length(env, value, count) != napi_ok) return wrong(env, "expected an array");
  if (*count > max) return wrong(env, "expected a shorter array");
  for (uint32_t i = 0; i < *count; i++) {
    napi_value element;
    if (napi_get_element(env, value, i, &element) != napi_ok) return wrong(env, "expected integers");
    if (!get_id(env, element, &out[i])) return false;
  }
  return true;
}

bool get_ints(napi_env env, napi_value value, int *out, uint32_t max, uint32_t *count) {
  if (napi_get_array_length(env, value, count) != napi_ok) return wrong(env, "expected an array");
  if (*count > max) return wrong(env, "expected a shorter array");
  for (uint32_t i = 0; i < *count; i++) {
    napi_value element;
    if (napi_get_element(env, value, i, &element) != napi_ok) return wrong(env, "expected integers");
    if (!get_int(env, element, &out[i])) return false;
  }
  return true;
}

bool get_bytes(napi_env env, napi_value value, uint8_t **data, size_t *length) {
  napi_typedarray_type type;
  if (napi_get_typedarray_info(env, value, &type, length, (void **)data, NULL, NULL) != napi_ok ||
      type != napi_uint8_array)
    return wrong(env, "expected a Uint8Array");
  return true;
}

bool get_text(napi_env env, napi_value value, char *out, size_t size) {
  size_t length;
  if (napi_get_value_string_utf8(env, value, NULL, 0, &length) != napi_ok)
    return wrong(env, "expected a string");
  if (length >= size) return wrong(env, "expected a shorter string");
  napi_get_value_string_utf8(env, value, out, size, &length);
  /* A path cut short at a NUL would name another file than the caller meant. */
  return strlen(out) == length || wrong(env, "expected a string without NUL");
}

napi_value make_int(napi_env env, int64_t value) {
  napi_value result;
  napi_create_int64(env, value, &result);
  return result;
}

napi_value make_ints(napi_env env, const int *values, uint32_t count) {
  napi_value array;
  napi_create_array_with_length(env, count, &array);
  for (uint32_t i = 0; i < count; i++) napi_set_element(env, array, i, make_int(env, values[i]));
  return array;
}

struct uv_loop_s *loop_of(napi_env env) {
  struct uv_loop_s *loop = NULL;
  napi_get_uv_event_loop(env, &loop);
  return loop;
}

NAPI_MODULE_INIT() {
  const napi_property_descriptor serving = FUNCTION("serve", serve);
  napi_define_properties(env, exports, process_functions_count, process_functions);
  napi_define_properties(env, exports, channel_functions_count, channel_functions);
  napi_define_properties(env, exports, context_functions_count, context_functions);
  napi_define_properties(env, exports, 1, &serving);
  return exports;
}
