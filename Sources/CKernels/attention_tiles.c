// Attention of one head on AMX tiles: all products of a head without leaving the cache and without a call into a
// library for each, which for short sequences costs more than the products themselves.
#include "tiles.h"

#ifdef GRAFT_HAS_TILES

static void copy_padded(const bf16 *x, int64_t stride, int64_t rows, int64_t d, bf16 *out, int64_t padded) {
  for (int64_t r = 0; r < rows; r++) memcpy(out + r * d, x + r * stride, (size_t)d * sizeof(bf16));
  memset(out + rows * d, 0, (size_t)((padded - rows) * d) * sizeof(bf16));
}

// c [m, n] = a [m, k] b, b packed [k / 2][n]; m and n multiples of 16, k of 32. Four tiles of the result at once.
TILES static void product(
    const bf16 *a, int64_t a_stride, const uint32_t *b, int64_t b_stride, float *c, int64_t c_stride, int64_t m,
    int64_t n, int64_t k) {
  for (int64_t i = 0; i < m; i += 2 * TILE)
    for (int64_t j = 0; j < n; j += 2 * TILE) {
      const bool below = i + TILE < m, right = j + TILE < n;
      _tile_zero(0);
      _tile_zero(1);
      _tile_zero(2);
      _tile_zero(3);
      for (int64_t p = 0; p < k; p += PAIRED) {
        _tile_loadd(4, a + i * a_stride + p, a_stride * 2);
        _tile_loadd(6, b + p / 2 * b_stride + j, b_stride * 4);
        _tile_dpbf16ps(0, 4, 6);
        if (right) {
          _tile_loadd(7, b + p / 2 * b_stride + j + TILE, b_stride * 4);
          _tile_dpbf16ps(1, 4, 7);
        }
        if (below) {
          _tile_loadd(5, a + (i + TILE) * a_stride + p, a_stride * 2);
          _tile_dpbf16ps(2, 5, 6);
          if (right) _tile_dpbf16ps(3, 5, 7);
        }
      }
      float *out = c + i * c_stride + j;
      _tile_stored(0, out, c_stride * 4);
      if (right) _tile_stored(1, out + TILE, c_stride * 4);
      if (below) _tile_stored(2, out + TILE * c_stride, c_stride * 4);
      if (below && right) _tile_stored(3, out + TILE * c_stride + TILE, c_stride * 4);
    }
}

static void store_rows(const float *x, bf16 *out, int64_t stride, int64_t rows, int64_t d) {
  for (int64_t r = 0; r < rows; r++) graft_convert(0, x + r * d, 1, out + r * stride, d);
}

static void *take(char **scratch, int64_t bytes) {
  void *taken = *scratch;
  *scratch += up(bytes, 64);
  return taken;
}

int64_t graft_attention_scratch_bytes(int64_t queries, int64_t keys, int64_t d) {
  const int64_t q = up(queries, PAIRED), k = up(keys, PAIRED), longest = q > k ? q : k;
  // The backward pass: five operands, three packings by rows and two by columns, two results, four weights.
  return (q * d * 2) * 2 + (k * d * 2) * 3 + (q * d * 2) * 2 + longest * (k > d ? k : d) * 4 * 2 + q * k * 2 * 4
         + 64 * 16;
}

TILES void graft_attention_head(
    const graft_attention_rows *rows, const graft_dropout *dropout, const void *query, int64_t query_stride,
    const void *key, int64_t key_stride, const void *value, int64_t value_stride, int64_t d, void *out,
    int64_t out_stride, float *log_sums, void *scratch) {
  const int64_t queries = rows->queries, keys = rows->stride;
  const int64_t m = up(queries, TILE), n = up(keys, TILE), k = up(keys, PAIRED);
  char *free_bytes = scratch;
  bf16 *padded_query = take(&free_bytes, m * d * 2);
  uint32_t *packed_key = take(&free_bytes, n * d * 2), *packed_value = take(&free_bytes, k * d * 2);
  float *scores = take(&free_bytes, m * (k > d ? k : d) * 4);
  bf16 *weights = take(&free_bytes, m * k * 2);
  configure_tiles();
  copy_padded(query, query_stride, queries, d, padded_query, m);
  pack_transposed(key, key_stride, keys, d, packed_key, n);
  pack_rows(value, value_stride, keys, d, packed_value, k);
  product(padded_query, d, packed_key, n, scores, k, m, n, d);
  graft_attention_rows padded = *rows;
  padded.stride = (int32_t)k;
  graft_attention_softmax(1, &padded, dropout, scores, weights, log_sums);
  memset(weights + queries * k, 0, (size_t)((m - queries) * k) * sizeof(bf16));
  product(weights, k, packed_value, d, scores, d, m, d, k);
  _tile_release();
  store_rows(scores, out, out_stride, queries, d);
}

TILES void graft_attention_head_backward(
    const graft_attention_rows *rows, const graft_dropout *dropout, const void *query, int64_t query_stride,
    const void *key, int64_t key_stride, const void *value, int64_t value_stride, int64_t d, const void *d_out,
    int64_t out_stride, const float *log_sums, const float *delta, void *d_query, void *d_key, void *d_value,
    float *d_bias, void *scratch) {
  const int64_t queries = rows->queries, keys = rows->stride;
  const int64_t m = up(queries, TILE), n = up(keys, TILE), q = up(queries, PAIRED), k = up(keys, PAIRED);
  const int64_t result = (q > k ? q : k) * (k > d ? k : d) * 4;
  char *free_bytes = scratch;
  bf16 *padded_query = take(&free_bytes, m * d * 2), *padded_d_out = take(&free_bytes, m * d * 2);
  uint32_t *key_columns = take(&free_bytes, n * d * 2), *value_columns = take(&free_bytes, n * d * 2);
  uint32_t *key_rows = take(&free_bytes, k * d * 2), *query_rows = take(&free_bytes, q * d * 2);
  uint32_t *d_out_rows = take(&free_bytes, q * d * 2);
  float *scores = take(&free_bytes, result), *d_weights = take(&free_bytes, result);
  bf16 *weights = take(&free_bytes, q * k * 2), *d_scores = take(&free_bytes, q * k * 2);
  bf16 *transposed = take(&free_bytes, q * k * 2);
  configure_tiles();
  copy_padded(query, query_stride, queries, d, padded_query, m);
  copy_padded(d_out, out_stride, queries, d, padded_d_out, m);
  pack_transposed(key, key_stride, keys, d, key_columns, n);
  pack_transposed(value, value_stride, keys, d, value_columns, n);
  pack_rows(key, key_stride, keys, d, key_rows, k);
  pack_rows(query, query_stride, queries, d, query_rows, q);
  pack_rows(d_out, out_stride, queries, d, d_out_rows, q);
  product(padded_query, d, key_columns, n, scores, k, m, n, d);
  product(padded_d_out, d, value_columns, n, d_weights, k, m, n, d);
  graft_attention_rows padded = *rows;
  padded.stride = (int32_t)k;
  graft_attention_softmax_backward(
      1, &padded, dropout, scores, log_sums, d_weights, delta, weights, d_scores, d_bias);
  memset(weights + queries * k, 0, (size_t)((q - queries) * k) * sizeof(bf16));
  memset(d_scores + queries * k, 0, (size_t)((q - queries) * k) * sizeof(bf16));
  product(d_scores, k, key_rows, d, scores, d, m, d, k);
  store_rows(scores, d_query, query_stride, queries, d);
  transpose(weights, k, transposed, q, q, n);
  product(transposed, q, d_out_rows, d, scores, d, n, d, q);
  store_rows(scores, d_value, value_stride, keys, d);
  transpose(d_scores, k, transposed, q, q, n);
  product(transposed, q, query_rows, d, scores, d, n, d, q);
  store_rows(scores, d_key, key_stride, keys, d);
  _tile_release();
}

#else

int64_t graft_attention_scratch_bytes(int64_t queries, int64_t keys, int64_t d) { return 0 * queries * keys * d; }
void graft_attention_head(
    const graft_attention_rows *rows, const graft_dropout *dropout, const void *query, int64_t query_stride,
    const void *key, int64_t key_stride, const void *value, int64_t value_stride, int64_t d, void *out,
    int64_t out_stride, float *log_sums, void *scratch) {
  (void)rows, (void)dropout, (void)query, (void)query_stride, (void)key, (void)key_stride, (void)value;
  (void)value_stride, (void)d, (void)out, (void)out_stride, (void)log_sums, (void)scratch;
}
void graft_attention_head_backward(
    const graft_attention_rows *rows, const graft_dropout *dropout, const void *query, int64_t query_stride,
    const void *key, int64_t key_stride, const void *value, int64_t value_stride, int64_t d, const void *d_out,
    int64_t out_stride, const float *log_sums, const float *delta, void *d_query, void *d_key, void *d_value,
    float *d_bias, void *scratch) {
  (void)rows, (void)dropout, (void)query, (void)query_stride, (void)key, (void)key_stride, (void)value;
  (void)value_stride, (void)d, (void)d_out, (void)out_stride, (void)log_sums, (void)delta, (void)d_query;
  (void)d_key, (void)d_value, (void)d_bias, (void)scratch;
}

#endif
