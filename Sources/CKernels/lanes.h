// Private: vectors of sixteen numbers, for sums whose order must not depend on how a loop was vectorised.
#ifndef GRAFT_LANES_H
#define GRAFT_LANES_H

#include "vector_math.h"

typedef float lanes __attribute__((vector_size(64)));
typedef float quarter __attribute__((vector_size(16)));

// Of two vectors, by quarters: every other element of the first, then of the second.
#define EVEN 0, 2, 16, 18, 4, 6, 20, 22, 8, 10, 24, 26, 12, 14, 28, 30
#define ODD 1, 3, 17, 19, 5, 7, 21, 23, 9, 11, 25, 27, 13, 15, 29, 31

// The sums of four vectors, always added in the same order. By pointers: returned, vectors would differ between the clones.
INLINE void sums_of_four(const lanes *v, quarter *sums) {
  const lanes ab = __builtin_shufflevector(v[0], v[1], EVEN) + __builtin_shufflevector(v[0], v[1], ODD);
  const lanes cd = __builtin_shufflevector(v[2], v[3], EVEN) + __builtin_shufflevector(v[2], v[3], ODD);
  const lanes all = __builtin_shufflevector(ab, cd, EVEN) + __builtin_shufflevector(ab, cd, ODD);
  *sums = (__builtin_shufflevector(all, all, 0, 1, 2, 3) + __builtin_shufflevector(all, all, 4, 5, 6, 7))
      + (__builtin_shufflevector(all, all, 8, 9, 10, 11) + __builtin_shufflevector(all, all, 12, 13, 14, 15));
}

#endif
