// Products of few rows, as decoding makes them: the time goes into reading the matrix, once.
#include "few_rows.h"

#include "lanes.h"

INLINE void load_lanes_f32(lanes *v, const float *p) { memcpy(v, p, sizeof *v); }
INLINE void load_lanes_bf16(lanes *v, const bf16 *p) {
  float x[16];
  for (int i = 0; i < 16; i++) x[i] = load_bf16(p[i]);
  memcpy(v, x, sizeof x);
}

// The first `wanted` of four sums.
INLINE void store_sums(const quarter *sums, int64_t wanted, int result, void *to) {
  float four[4];
  bf16 rounded[4];
  memcpy(four, sums, sizeof four);
  const size_t count = wanted < 4 ? (size_t)wanted : 4;
  if (!result) {
    memcpy(to, four, count * sizeof(float));
    return;
  }
  for (int i = 0; i < 4; i++) rounded[i] = store_bf16(four[i]);
  memcpy(to, rounded, count * sizeof(bf16));
}

#define TEMPLATE "few_rows.template.h"
#include "both_elements.h"

void graft_multiply_few_rows(
    int element, int result, int64_t m, int64_t n, int64_t k, const void *a, int64_t a_row, const void *b,
    int64_t b_column, void *c, int64_t c_row) {
  (element ? multiply_few_rows_bf16(m, n, k, a, a_row, b, b_column, result, c, c_row)
           : multiply_few_rows_f32(m, n, k, a, a_row, b, b_column, result, c, c_row));
}
