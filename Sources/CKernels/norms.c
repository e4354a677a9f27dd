// RMSNorm and LayerNorm.
#include "kernels.h"
#include "vector_math.h"

#define TEMPLATE "norms.template.h"
#include "both_elements.h"

void graft_rms_norm(
    int element, const float *x, const float *weight, float epsilon, void *y, float *inverse, int64_t rows,
    int64_t columns) {
  (element ? rms_norm_bf16(x, weight, epsilon, y, inverse, rows, columns)
           : rms_norm_f32(x, weight, epsilon, y, inverse, rows, columns));
}
void graft_rms_norm_backward(
    int d_element, const float *x, const float *weight, const float *inverse, const void *dy, float *dx,
    bool accumulate, float *d_weight, int64_t rows, int64_t columns) {
  (d_element ? rms_norm_backward_bf16(x, weight, inverse, dy, dx, accumulate, d_weight, rows, columns)
             : rms_norm_backward_f32(x, weight, inverse, dy, dx, accumulate, d_weight, rows, columns));
}
void graft_normalize_heads(
    int element, void *x, int64_t stride, float epsilon, float *inverse, int64_t rows, int64_t heads, int64_t d) {
  (element ? normalize_heads_bf16(x, stride, epsilon, inverse, rows, heads, d)
           : normalize_heads_f32(x, stride, epsilon, inverse, rows, heads, d));
}
void graft_normalize_heads_backward(
    int element, const void *y, const float *inverse, void *dy, int64_t stride, int64_t rows, int64_t heads,
    int64_t d) {
  (element ? normalize_heads_backward_bf16(y, inverse, dy, stride, rows, heads, d)
           : normalize_heads_backward_f32(y, inverse, dy, stride, rows, heads, d));
}
void graft_scale_heads(
    int element, void *x, int64_t stride, const float *gain, int64_t rows, int64_t heads, int64_t d) {
  (element ? scale_heads_bf16(x, stride, gain, rows, heads, d) : scale_heads_f32(x, stride, gain, rows, heads, d));
}
void graft_scale_heads_backward(
    int element, const void *x, const float *gain, void *dy, float *d_gain, int64_t stride, int64_t rows, int64_t heads,
    int64_t d) {
  (element ? scale_heads_backward_bf16(x, gain, dy, d_gain, stride, rows, heads, d)
           : scale_heads_backward_f32(x, gain, dy, d_gain, stride, rows, heads, d));
}
void graft_layer_norm(
    int element, const float *x, const float *weight, const float *bias, float epsilon, void *y, float *mean,
    float *inverse, int64_t rows, int64_t columns) {
  (element ? layer_norm_bf16(x, weight, bias, epsilon, y, mean, inverse, rows, columns)
           : layer_norm_f32(x, weight, bias, epsilon, y, mean, inverse, rows, columns));
}
void graft_layer_norm_backward(
    int d_element, const float *x, const float *weight, const float *mean, const float *inverse, const void *dy,
    float *dx, bool accumulate, float *d_weight, float *d_bias, int64_t rows, int64_t columns) {
  (d_element
       ? layer_norm_backward_bf16(x, weight, mean, inverse, dy, dx, accumulate, d_weight, d_bias, rows, columns)
       : layer_norm_backward_f32(x, weight, mean, inverse, dy, dx, accumulate, d_weight, d_bias, rows, columns));
}
