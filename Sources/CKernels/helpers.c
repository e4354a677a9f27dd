#include "helpers.h"

#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

typedef void (*piece_work)(const void *context, int piece);

struct graft_helpers {
  // The number of the work in the upper half; below it the first piece that nobody took and the one behind the last, 16 bits
  // each: whoever takes a piece knows by the number that it is of the work whose function he read.
  _Alignas(64) _Atomic uint64_t left;
  _Atomic int unfinished;
  _Atomic(piece_work) work;
  _Atomic(const void *) context;
  // Number of the last work, for which helpers wait.
  _Alignas(64) _Atomic uint32_t number;
  _Atomic int open;
  _Atomic int present;
  _Atomic int asleep;
};

// How often a thread looks again before it gives the core away: about fifty microseconds, longer than a decoder is between
// two products.
enum { LOOKS = 2000 };

static inline void pause_briefly(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

graft_helpers *graft_helpers_create(void) {
  graft_helpers *helpers = aligned_alloc(64, (sizeof(graft_helpers) + 63) / 64 * 64);
  if (!helpers) return NULL;
  atomic_init(&helpers->left, 0);
  atomic_init(&helpers->unfinished, 0);
  atomic_init(&helpers->work, NULL);
  atomic_init(&helpers->context, NULL);
  atomic_init(&helpers->number, 0);
  atomic_init(&helpers->open, 0);
  atomic_init(&helpers->present, 0);
  atomic_init(&helpers->asleep, 0);
  return helpers;
}

void graft_helpers_free(graft_helpers *helpers) { free(helpers); }

// The next piece of work `number`: the owner takes from the front, helpers from the back, so that each meets the same part of
// the same matrix again. -1 if none is left.
static int take(graft_helpers *helpers, uint32_t number, bool front) {
  uint64_t left = atomic_load_explicit(&helpers->left, memory_order_acquire);
  for (;;) {
    const uint64_t first = left >> 16 & 0xffff, end = left & 0xffff;
    if ((uint32_t)(left >> 32) != number || first >= end) return -1;
    const uint64_t next = front ? left + 0x10000 : left - 1;
    if (atomic_compare_exchange_weak_explicit(
            &helpers->left, &left, next, memory_order_acq_rel, memory_order_acquire))
      return (int)(front ? first : end - 1);
  }
}

// Tells threads that wait, awake or asleep.
static void announce(graft_helpers *helpers, uint32_t number) {
  atomic_store(&helpers->number, number);
  if (atomic_load(&helpers->asleep))
    syscall(SYS_futex, &helpers->number, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

void graft_helpers_open(graft_helpers *helpers) { atomic_store(&helpers->open, 1); }

void graft_helpers_close(graft_helpers *helpers) {
  atomic_store(&helpers->open, 0);
  // An empty work, so that sleepers see a change.
  const uint32_t number = (uint32_t)(atomic_load(&helpers->left) >> 32) + 1;
  atomic_store(&helpers->left, (uint64_t)number << 32);
  announce(helpers, number);
}

void graft_help(graft_helpers *helpers) {
  atomic_fetch_add(&helpers->present, 1);
  uint32_t seen = atomic_load(&helpers->number);
  int looks = 0;
  while (atomic_load(&helpers->open)) {
    const uint32_t number = atomic_load_explicit(&helpers->number, memory_order_acquire);
    if (number != seen) {
      seen = number;
      looks = 0;
      const piece_work work = atomic_load_explicit(&helpers->work, memory_order_relaxed);
      const void *context = atomic_load_explicit(&helpers->context, memory_order_relaxed);
      for (int piece; (piece = take(helpers, number, false)) >= 0;) {
        work(context, piece);
        atomic_fetch_sub_explicit(&helpers->unfinished, 1, memory_order_release);
      }
    } else if (looks < LOOKS) {
      looks++;
      pause_briefly();
    } else {
      atomic_fetch_add(&helpers->asleep, 1);
      if (atomic_load(&helpers->number) == seen && atomic_load(&helpers->open))
        syscall(SYS_futex, &helpers->number, FUTEX_WAIT_PRIVATE, seen, NULL, NULL, 0);
      atomic_fetch_sub(&helpers->asleep, 1);
      looks = 0;
    }
  }
  atomic_fetch_sub(&helpers->present, 1);
}

void graft_share(graft_helpers *helpers, int pieces, piece_work work, const void *context) {
  if (!helpers || pieces < 2 || !atomic_load_explicit(&helpers->present, memory_order_relaxed)) {
    for (int piece = 0; piece < pieces; piece++) work(context, piece);
    return;
  }
  const uint32_t number = (uint32_t)(atomic_load_explicit(&helpers->left, memory_order_relaxed) >> 32) + 1;
  atomic_store_explicit(&helpers->work, work, memory_order_relaxed);
  atomic_store_explicit(&helpers->context, context, memory_order_relaxed);
  atomic_store_explicit(&helpers->unfinished, pieces, memory_order_relaxed);
  atomic_store_explicit(&helpers->left, (uint64_t)number << 32 | (uint64_t)pieces, memory_order_release);
  announce(helpers, number);
  int done = 0;
  for (int piece; (piece = take(helpers, number, true)) >= 0; done++) work(context, piece);
  atomic_fetch_sub_explicit(&helpers->unfinished, done, memory_order_relaxed);
  // Only pieces that a helper is in the middle of: sooner over than a switch of threads, unless it was interrupted.
  for (int looks = 0; atomic_load_explicit(&helpers->unfinished, memory_order_acquire); looks++)
    looks < LOOKS ? pause_briefly() : (void)sched_yield();
}
