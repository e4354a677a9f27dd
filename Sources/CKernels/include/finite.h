#ifndef GRAFT_FINITE_H
#define GRAFT_FINITE_H

#include <stddef.h>

/// How many of `count` values are NaN or infinite. Reads each value once, as fast as memory gives them.
size_t graft_count_not_finite(size_t count, const float *values);

#endif
