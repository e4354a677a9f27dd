// Softmax over attention scores and over the vocabulary.
#include "dropout.h"
#include "lanes.h"

// The largest of n values; lanes are explicit because a maximum does not vectorise by itself.
INLINE float maximum(const float *x, int64_t n) {
  float lanes[16];
  for (int i = 0; i < 16; i++) lanes[i] = -INFINITY;
  int64_t j = 0;
  for (; j + 16 <= n; j += 16)
    for (int i = 0; i < 16; i++) lanes[i] = x[j + i] > lanes[i] ? x[j + i] : lanes[i];
  for (; j < n; j++) lanes[0] = x[j] > lanes[0] ? x[j] : lanes[0];
  for (int half = 8; half > 0; half /= 2)
    for (int i = 0; i < half; i++) lanes[i] = lanes[i + half] > lanes[i] ? lanes[i + half] : lanes[i];
  return lanes[0];
}

INLINE float exponentials(float *restrict x, float shift, int64_t n) {
  REASSOCIATE
  float sum = 0;
  SHORT_LOOP
  for (int64_t j = 0; j < n; j++) {
    const float e = fast_exp(x[j] - shift);
    x[j] = e;
    sum += e;
  }
  return sum;
}

INLINE int64_t visible_keys(const graft_attention_rows *rows, int64_t q) {
  const int64_t causal = q + rows->causal + 1, limit = causal > rows->prefix ? causal : rows->prefix;
  return limit < 0 ? 0 : limit < rows->keys ? limit : rows->keys;
}

// The first key that query q sees, if it sees any.
INLINE int64_t first_key(const graft_attention_rows *rows, int64_t q) {
  return q > rows->before ? q - rows->before : 0;
}

// n rounded up to whole vectors of a row that is `stride` long.
INLINE int64_t whole_vectors(int64_t n, int64_t stride) {
  const int64_t whole = (n + 15) / 16 * 16;
  return whole < stride ? whole : stride;
}

// Exponentials are taken relative to the largest logit of the first block; a later one may exceed it by this much
// before what is there is rescaled. e^20 is far from overflow, and jumps beyond it are rare.
#define SHIFT_SLACK 20.0f

#define TEMPLATE "softmax.template.h"
#include "both_elements.h"

void graft_attention_softmax(
    int element, const graft_attention_rows *rows, const graft_dropout *dropout, float *scores, void *weights,
    float *log_sums) {
  (element ? attention_softmax_bf16(rows, dropout, scores, weights, log_sums)
           : attention_softmax_f32(rows, dropout, scores, weights, log_sums));
}
void graft_attention_softmax_backward(
    int element, const graft_attention_rows *rows, const graft_dropout *dropout, const float *scores,
    const float *log_sums, const float *d_weights, const float *delta, void *weights, void *d_scores,
    float *d_bias) {
  (element
       ? attention_softmax_backward_bf16(
             rows, dropout, scores, log_sums, d_weights, delta, weights, d_scores, d_bias)
       : attention_softmax_backward_f32(
             rows, dropout, scores, log_sums, d_weights, delta, weights, d_scores, d_bias));
}
void graft_row_dots(
    int element, const void *a, int64_t a_stride, const void *b, int64_t b_stride, float *out, int64_t rows,
    int64_t columns) {
  (element ? row_dots_bf16(a, a_stride, b, b_stride, out, rows, columns)
           : row_dots_f32(a, a_stride, b, b_stride, out, rows, columns));
}
void graft_attend_cached(
    int element, const void *query, const void *keys, const void *values, int64_t stride, int64_t length,
    int64_t heads, int64_t group, int64_t d, float scale, const float *bias, int64_t bias_stride, float *scores,
    float *sums, void *out) {
  (element ? attend_cached_bf16(
                 query, keys, values, stride, length, heads, group, d, scale, bias, bias_stride, scores, sums, out)
           : attend_cached_f32(
                 query, keys, values, stride, length, heads, group, d, scale, bias, bias_stride, scores, sums, out));
}
CLONED void graft_cap(float *x, float cap, int64_t count) {
  for (int64_t i = 0; i < count; i++) x[i] = cap * hyperbolic_tangent(x[i] / cap);
}
void graft_exponentiate_logits(
    int element, float *logits, int64_t rows, int64_t columns, float logit_scale, const float *bias,
    float cap, const int32_t *targets, int64_t first_column, graft_softmax_row *state, void *exponentials,
    int64_t stride) {
  (element
       ? exponentiate_logits_bf16(
             logits, rows, columns, logit_scale, bias, cap, targets, first_column, state, exponentials, stride)
       : exponentiate_logits_f32(
             logits, rows, columns, logit_scale, bias, cap, targets, first_column, state, exponentials, stride));
}
void graft_sample_rows(
    int element, const void *exponentials, int64_t stride, int64_t columns, const float *uniforms,
    int32_t *samples, int64_t rows) {
  (element ? sample_rows_bf16(exponentials, stride, columns, uniforms, samples, rows)
           : sample_rows_f32(exponentials, stride, columns, uniforms, samples, rows));
}
double graft_finish_cross_entropy(
    int element, const graft_softmax_row *state, const int32_t *targets, float target_weight, float gradient_scale,
    float cap, float z_weight, float *losses, void *exponentials, int64_t stride, float *row_scales, int64_t rows) {
  return element
      ? finish_cross_entropy_bf16(
            state, targets, target_weight, gradient_scale, cap, z_weight, losses, exponentials, stride, row_scales, rows)
      : finish_cross_entropy_f32(
            state, targets, target_weight, gradient_scale, cap, z_weight, losses, exponentials, stride, row_scales, rows);
}
void graft_add_scaled_column_sums(
    int element, const void *x, const float *scales, float *out, int64_t rows, int64_t columns) {
  (element ? add_scaled_column_sums_bf16(x, scales, out, rows, columns)
           : add_scaled_column_sums_f32(x, scales, out, rows, columns));
}
void graft_scale_rows(
    int element, const void *x, const float *scales, void *out, int64_t rows, int64_t columns) {
  (element ? scale_rows_bf16(x, scales, out, rows, columns) : scale_rows_f32(x, scales, out, rows, columns));
}
