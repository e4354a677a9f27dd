// Products of few rows, as decoding makes them: the time goes into reading the matrix, once.
#include "few_rows.h"

#include "lanes.h"

// `rows` times `columns` dot products at once, kept in registers; columns is a multiple of four.
INLINE void dot_products(
    int rows, int columns, int64_t k, const float *a, int64_t a_row, const float *b, int64_t b_column, float *c,
    int64_t c_row) {
#pragma clang fp contract(fast)
  lanes sum[4][8];
  for (int r = 0; r < rows; r++)
    for (int j = 0; j < columns; j++) sum[r][j] = (lanes){0};
  int64_t i = 0;
  for (; i + 16 <= k; i += 16) {
    lanes x[4];
    for (int r = 0; r < rows; r++) load_lanes(x + r, a + r * a_row + i);
    for (int j = 0; j < columns; j++) {
      lanes y;
      load_lanes(&y, b + j * b_column + i);
      for (int r = 0; r < rows; r++) sum[r][j] += x[r] * y;
    }
  }
  if (i < k) {
    for (int j = 0; j < columns; j++) {
      lanes x, y;
      load_some(&y, b + j * b_column + i, k - i);
      for (int r = 0; r < rows; r++) {
        load_some(&x, a + r * a_row + i, k - i);
        sum[r][j] += x * y;
      }
    }
  }
  for (int r = 0; r < rows; r++)
    for (int j = 0; j < columns; j += 4) {
      quarter four;
      sums_of_four(&sum[r][j], &four);
      memcpy(c + r * c_row + j, &four, sizeof four);
    }
}

// The same for any number of columns up to four, the last one standing in for those that are missing.
INLINE void last_dot_products(
    int rows, int64_t columns, int64_t k, const float *a, int64_t a_row, const float *b, int64_t b_column, float *c,
    int64_t c_row) {
  for (int64_t j = 0; j < columns; j++) {
    float four[4][4];
    dot_products(rows, 4, k, a, a_row, b + j * b_column, 0, &four[0][0], 4);
    for (int r = 0; r < rows; r++) c[r * c_row + j] = four[r][0];
  }
}

CLONED void graft_multiply_few_rows(
    int64_t m, int64_t n, int64_t k, const float *a, int64_t a_row, const float *b, int64_t b_column, float *c,
    int64_t c_row) {
  int64_t j = 0;
  // Columns outside, for their memory is the far one.
#define AT(r) k, a + (r) * a_row, a_row, b + j * b_column, b_column, c + (r) * c_row + j, c_row
#define ALL_ROWS(DOTS, COLUMNS)                              \
  for (int64_t r = 0; r < m;) {                              \
    if (m - r >= 4) DOTS(4, COLUMNS, AT(r)), r += 4;         \
    else if (m - r >= 2) DOTS(2, COLUMNS, AT(r)), r += 2;    \
    else DOTS(1, COLUMNS, AT(r)), r += 1;                    \
  }
  if (m < 4) {
    for (; j + 8 <= n; j += 8) ALL_ROWS(dot_products, 8)
  }
  for (; j + 4 <= n; j += 4) ALL_ROWS(dot_products, 4)
  ALL_ROWS(last_dot_products, n - j)
}
