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

typedef struct {
  int element, result;
  int64_t m, n, k;
  const char *a;
  int64_t a_row;
  const char *b;
  int64_t b_column;
  char *c;
  int64_t c_row;
  // Columns of a piece.
  int64_t width;
} product;

static void multiply_columns(const void *context, int piece) {
  const product *p = context;
  const int64_t first = piece * p->width, n = p->n - first < p->width ? p->n - first : p->width;
  const char *b = p->b + first * p->b_column * (p->element ? sizeof(bf16) : sizeof(float));
  char *c = p->c + first * (p->result ? sizeof(bf16) : sizeof(float));
  if (p->element)
    multiply_few_rows_bf16(p->m, n, p->k, (const bf16 *)p->a, p->a_row, (const bf16 *)b, p->b_column, p->result, c, p->c_row);
  else
    multiply_few_rows_f32(p->m, n, p->k, (const float *)p->a, p->a_row, (const float *)b, p->b_column, p->result, c, p->c_row);
}

// The fewest multiplications of a piece, some microseconds, and the most pieces, for what one thread has left at the end.
enum { PIECE = 1 << 14, PIECES = 16 };

void graft_multiply_few_rows(
    int element, int result, int64_t m, int64_t n, int64_t k, const void *a, int64_t a_row, const void *b,
    int64_t b_column, void *c, int64_t c_row, graft_helpers *helpers) {
  const int64_t wanted = m * n * k / PIECE;
  const int64_t pieces = wanted < 1 ? 1 : wanted < PIECES ? wanted : PIECES;
  // Eight columns are multiplied at once, so that no piece but the last has others.
  const int64_t width = ((n + pieces - 1) / pieces + 7) / 8 * 8;
  const product whole = {element, result, m, n, k, a, a_row, b, b_column, c, c_row, width};
  if (n > 0) graft_share(helpers, (int)((n + width - 1) / width), multiply_columns, &whole);
}
