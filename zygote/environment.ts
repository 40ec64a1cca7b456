/** Variables that speak of the root process's own descriptors, or change what its children are. */
export const foreignVariables = [
  "NODE_OPTIONS",
  "NODE_CHANNEL_FD",
  "NODE_CHANNEL_SERIALIZATION_MODE",
  "NODE_UNIQUE_ID",
  "NODE_TEST_CONTEXT",
  "NOTIFY_SOCKET",
  "LISTEN_FDS",
  "LISTEN_PID",
  "LISTEN_FDNAMES",
] as const;

/** The environment of a process that is to serve: this one's, without what is only for this one. */
export function servingEnvironment(): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = { ...process.env, UV_USE_IO_URING: "0" };
  for (const name of foreignVariables) delete environment[name];
  return environment;
}
