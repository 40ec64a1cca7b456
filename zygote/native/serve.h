/* What the two halves of the zygote's loop share: children.c has the processes that it has forked, serve.c
 * its clients and what they ask. */
#ifndef SERVE_H
#define SERVE_H
#include "zygote.h"

/* a = pid, b = 1 if that is no number of the client's; a = exit code, b = signal; a = errno */
enum { STARTED = 1, ENDED = 2, REFUSED = 3 };
/* To the first client of what others have asked for: a = pid, b. It ends these if we cannot. */
enum { OTHER_STARTED = 4, OTHER_ENDED = 5 };

/* How a child is asked for: it is to be a client; what it has started may go on without it. */
enum { IS_CLIENT = 1, LEAVES_PROCESSES = 2 };

/* A request of a client. */
struct request {
  uint32_t client, id;
  bool leaves_processes;
};

/* The loop begins, with so many spares. */
void begin_children(int spares);
/* Ends all children, and us. */
_Noreturn void finish(int code);
/* Tells of those that have ended, and ends what they have left. */
void reap(void);
/* Gives the request's descriptors to a spare or a new child. The value is the child's, in the child; NULL
 * in the zygote. */
napi_value start_child(napi_env env, struct request request, const int *fds, uint32_t count);
/* As start_child, for a child that waits for its descriptors. */
napi_value fork_spare(napi_env env);
bool lacks_spare(void);
uint32_t children_of(uint32_t client);
void signal_child(uint32_t client, uint32_t id, int signal);
/* Ends the children of a client that is gone; nobody is told of them. */
void drop_children(uint32_t client);
/* In a child: nothing of the table is left. */
void forget_children(void);

/* Ends the processes that are ours only because whoever started them has ended; but for those that were
 * there when `let_orphans_be` was called. `is_child` knows those that we have forked ourselves. False if
 * some have not ended yet. */
bool end_orphans(bool (*is_child)(pid_t pid));
void let_orphans_be(bool (*is_child)(pid_t pid));
void forget_orphan(pid_t pid);
/* In a child: none of them is ours. */
void forget_orphans(void);

void tell(uint32_t client, uint32_t kind, uint32_t id, int a, int b);
/* In a child: nothing of the clients is left. */
void forget_clients(void);
/* The table, with room for one more element. Without memory we end, and the children with us. */
void *with_room(void *table, uint32_t count, uint32_t *room, size_t size);
#endif
