// Threads that have nothing else to do take pieces of another thread's work, each for microseconds.
#ifndef GRAFT_HELPERS_H
#define GRAFT_HELPERS_H

#include <stdbool.h>
#include <stdint.h>

// Belongs to one thread, the owner, whose work it is.
typedef struct graft_helpers graft_helpers;

// NULL without memory. To be freed when no thread is in graft_help.
graft_helpers *graft_helpers_create(void);
void graft_helpers_free(graft_helpers *helpers);

// Between opening and closing, threads that call graft_help stay there. Opened before any thread can ask to help.
void graft_helpers_open(graft_helpers *helpers);
void graft_helpers_close(graft_helpers *helpers);

// Called by another thread: takes pieces of the owner's work until the owner closes; returns at once if it has.
void graft_help(graft_helpers *helpers);

// Called by the owner: runs work(context, piece) for all pieces, at most 65,535, on this thread and those that help, in no
// particular order, and returns when all are done. Without threads that help it is a loop.
void graft_share(graft_helpers *helpers, int pieces, void (*work)(const void *context, int piece), const void *context);

#endif
