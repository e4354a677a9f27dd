#include "finite.h"

#include "vector_math.h"

// By bits: an exponent of ones is an infinity or a NaN. Counts of 32 bits per block keep the lanes as wide as the values.
CLONED
size_t graft_count_not_finite(size_t count, const float *values) {
  const size_t block = 1 << 20;
  const uint32_t exponent = 0x7F800000u;
  size_t total = 0;
  for (size_t start = 0; start < count; start += block) {
    const size_t end = count - start < block ? count : start + block;
    uint32_t found = 0;
    for (size_t i = start; i < end; i++) {
      uint32_t bits;
      memcpy(&bits, values + i, sizeof bits);
      found += (bits & exponent) == exponent;
    }
    total += found;
  }
  return total;
}
