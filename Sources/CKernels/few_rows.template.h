INLINE void NAME(load_some)(lanes *v, const ELEMENT *p, int64_t count) {
  float x[16] = {0};
  for (int64_t i = 0; i < count; i++) x[i] = LOAD(p[i]);
  memcpy(v, x, sizeof x);
}

// `rows` times `columns` dot products at once, kept in registers. `ahead`: whether the next columns are asked for meanwhile;
// left to itself, the processor waits for them half of the time. A single row is not helped by it.
INLINE void NAME(dot_products)(
    int rows, int columns, int ahead, int64_t k, const ELEMENT *a, int64_t a_row, const ELEMENT *b, int64_t b_column,
    int result, char *c, int64_t c_row) {
#pragma clang fp contract(fast)
  lanes sum[4][8];
  for (int r = 0; r < rows; r++)
    for (int j = 0; j < (columns + 3) / 4 * 4; j++) sum[r][j] = (lanes){0};
  int64_t i = 0;
  for (; i + 16 <= k; i += 16) {
    lanes x[4];
    for (int r = 0; r < rows; r++) NAME(load_lanes)(x + r, a + r * a_row + i);
    for (int j = 0; j < columns; j++) {
      lanes y;
      NAME(load_lanes)(&y, b + j * b_column + i);
      if (ahead) __builtin_prefetch(b + (columns + j) * b_column + i);
      for (int r = 0; r < rows; r++) sum[r][j] += x[r] * y;
    }
  }
  if (i < k) {
    for (int j = 0; j < columns; j++) {
      lanes x, y;
      NAME(load_some)(&y, b + j * b_column + i, k - i);
      for (int r = 0; r < rows; r++) {
        NAME(load_some)(&x, a + r * a_row + i, k - i);
        sum[r][j] += x * y;
      }
    }
  }
  const int64_t size = result ? sizeof(bf16) : sizeof(float);
  for (int r = 0; r < rows; r++)
    for (int j = 0; j < columns; j += 4) {
      quarter four;
      sums_of_four(&sum[r][j], &four);
      store_sums(&four, columns - j, result, c + (r * c_row + j) * size);
    }
}

CLONED static void NAME(multiply_few_rows)(
    int64_t m, int64_t n, int64_t k, const ELEMENT *a, int64_t a_row, const ELEMENT *b, int64_t b_column, int result,
    char *c, int64_t c_row) {
  // An f32 product has an f32 result, which the compiler then knows.
  result = result && sizeof(ELEMENT) == sizeof(bf16);
  const int64_t size = result ? sizeof(bf16) : sizeof(float);
  int64_t j = 0;
  // Columns outside, for their memory is the far one.
#define DOTS(ROWS, COLUMNS)                                                                                  \
  NAME(dot_products)                                                                                         \
  (ROWS, COLUMNS, ROWS > 1 && r == 0, k, a + r * a_row, a_row, b + j * b_column, b_column, result, c + (r * c_row + j) * size, \
   c_row)
#define ALL_ROWS(COLUMNS)           \
  {                                 \
    int64_t r = 0;                  \
    if (m >= 4) {                   \
      DOTS(4, COLUMNS);             \
      for (r = 4; m - r >= 4; r += 4) DOTS(4, COLUMNS); \
    }                               \
    if (m - r >= 2) {               \
      DOTS(2, COLUMNS);             \
      r += 2;                       \
    }                               \
    if (m - r >= 1) DOTS(1, COLUMNS); \
  }
  if (m < 4) {
    for (; j + 8 <= n; j += 8) ALL_ROWS(8)
  }
  for (; j + 4 <= n; j += 4) ALL_ROWS(4)
  for (; j < n; j++) ALL_ROWS(1)
#undef ALL_ROWS
#undef DOTS
}
