// Conversion, residual, dropout and row copies.
#include "dropout.h"

CLONED void graft_dropout_multipliers(
    const graft_dropout *dropout, uint64_t first, float *multipliers, int64_t count) {
  float run[DROPOUT_RUN];
  for (int64_t i = 0; i < count; i += DROPOUT_RUN) {
    dropout_run(dropout, (first + (uint64_t)i) / DROPOUT_RUN, run);
    const int64_t n = count - i < DROPOUT_RUN ? count - i : DROPOUT_RUN;
    memcpy(multipliers + i, run, (size_t)n * 4);
  }
}

CLONED static void to_bf16(const float *restrict x, bf16 *restrict y, int64_t n) {
  for (int64_t i = 0; i < n; i++) y[i] = store_bf16(x[i]);
}
CLONED static void from_bf16(const bf16 *restrict x, float *restrict y, int64_t n) {
  for (int64_t i = 0; i < n; i++) y[i] = load_bf16(x[i]);
}

void graft_convert(int from, const void *source, int to, void *destination, int64_t count) {
  if (from == to)
    memcpy(destination, source, (size_t)count * (from ? 2 : 4));
  else if (to)
    to_bf16(source, destination, count);
  else
    from_bf16(source, destination, count);
}

CLONED void graft_add(float *restrict destination, const float *restrict source, int64_t count) {
  for (int64_t i = 0; i < count; i++) destination[i] += source[i];
}
CLONED static void add_bf16(float *restrict destination, const bf16 *restrict source, int64_t count) {
  for (int64_t i = 0; i < count; i++) destination[i] += load_bf16(source[i]);
}
void graft_add_elements(int element, float *destination, const void *source, int64_t count) {
  if (element)
    add_bf16(destination, source, count);
  else
    graft_add(destination, source, count);
}

CLONED void graft_dropout_apply(float *x, const graft_dropout *dropout, int64_t count) {
  if (dropout->threshold == 0) return;
  float run[DROPOUT_RUN];
  for (int64_t i = 0; i < count; i += DROPOUT_RUN) {
    dropout_run(dropout, (uint64_t)i / DROPOUT_RUN, run);
    const int64_t n = count - i < DROPOUT_RUN ? count - i : DROPOUT_RUN;
    for (int64_t j = 0; j < n; j++) x[i + j] *= run[j];
  }
}

CLONED void graft_embed(
    const float *table, const int32_t *ids, const float *positions, const int32_t *position, float scale,
    float *restrict out, int64_t rows, int64_t columns) {
  for (int64_t r = 0; r < rows; r++) {
    float *restrict o = out + r * columns;
    if (ids[r] < 0) {
      memset(o, 0, (size_t)columns * 4);
      continue;
    }
    const float *restrict t = table + (int64_t)ids[r] * columns;
    if (positions) {
      const float *restrict p = positions + (int64_t)position[r] * columns;
      for (int64_t c = 0; c < columns; c++) o[c] = scale * t[c] + p[c];
    } else {
      for (int64_t c = 0; c < columns; c++) o[c] = scale * t[c];
    }
  }
}

CLONED void graft_add_rows(
    const float *table, const int32_t *ids, float *restrict out, int64_t rows, int64_t columns) {
  for (int64_t r = 0; r < rows; r++) {
    if (ids[r] < 0) continue;
    const float *restrict t = table + (int64_t)ids[r] * columns;
    for (int64_t c = 0; c < columns; c++) out[r * columns + c] += t[c];
  }
}

CLONED void graft_embed_backward(
    float *gradient, const int32_t *ids, float scale, const float *d, int64_t rows, int64_t columns) {
  for (int64_t r = 0; r < rows; r++) {
    if (ids[r] < 0) continue;
    float *restrict g = gradient + (int64_t)ids[r] * columns;
    const float *restrict s = d + r * columns;
    for (int64_t c = 0; c < columns; c++) g[c] += scale * s[c];
  }
}

CLONED void graft_mix(
    int64_t inputs, const float *const *input, const float *weights, float *restrict out, int64_t count) {
  // In stretches that stay in cache while the inputs are added.
  for (int64_t i = 0; i < count; i += 4096) {
    const int64_t n = count - i < 4096 ? count - i : 4096;
    float *restrict o = out + i;
    for (int64_t k = 0; k < inputs; k++) {
      const float *restrict x = input[k] + i;
      const float w = weights[k];
      if (k == 0)
        for (int64_t j = 0; j < n; j++) o[j] = w * x[j];
      else
        for (int64_t j = 0; j < n; j++) o[j] += w * x[j];
    }
  }
}

CLONED double graft_mix_backward(
    const float *restrict x, float weight, const float *restrict d, float *restrict dx, bool accumulate,
    int64_t count) {
  REASSOCIATE
  double total = 0;
  for (int64_t i = 0; i < count; i += 4096) {
    const int64_t n = count - i < 4096 ? count - i : 4096;
    float sum = 0;
    if (accumulate)
      for (int64_t j = i; j < i + n; j++) dx[j] += weight * d[j];
    else
      for (int64_t j = i; j < i + n; j++) dx[j] = weight * d[j];
    for (int64_t j = i; j < i + n; j++) sum += d[j] * x[j];
    total += (double)sum;
  }
  return total;
}

void graft_gather_rows(
    int element, const void *x, const int32_t *index, void *out, int64_t rows, int64_t columns) {
  const size_t size = (size_t)columns * (element ? 2 : 4);
  for (int64_t r = 0; r < rows; r++)
    memcpy((char *)out + (size_t)r * size, (const char *)x + (size_t)index[r] * size, size);
}

void graft_scatter_rows(
    int element, const void *x, const int32_t *index, void *out, int64_t rows, int64_t columns) {
  const size_t size = (size_t)columns * (element ? 2 : 4);
  for (int64_t r = 0; r < rows; r++)
    memcpy((char *)out + (size_t)index[r] * size, (const char *)x + (size_t)r * size, size);
}

#define TEMPLATE "pointwise.template.h"
#include "both_elements.h"

void graft_residual(
    int element, const float *x, const void *y, const float *bias, const graft_dropout *dropout, float *out,
    int64_t rows, int64_t columns) {
  (element ? residual_bf16(x, y, bias, dropout, out, rows, columns)
           : residual_f32(x, y, bias, dropout, out, rows, columns));
}
void graft_residual_backward(
    int element, const float *d, const graft_dropout *dropout, void *dy, int64_t rows, int64_t columns) {
  (element ? residual_backward_bf16(d, dropout, dy, rows, columns)
           : residual_backward_f32(d, dropout, dy, rows, columns));
}
void graft_add_table_rows(
    int element, const float *table, const int32_t *ids, void *x, int64_t stride, int64_t rows, int64_t columns) {
  (element ? add_table_rows_bf16(table, ids, x, stride, rows, columns)
           : add_table_rows_f32(table, ids, x, stride, rows, columns));
}
void graft_add_table_rows_backward(
    int element, float *gradient, const int32_t *ids, const void *d, int64_t stride, int64_t rows, int64_t columns) {
  (element ? add_table_rows_backward_bf16(gradient, ids, d, stride, rows, columns)
           : add_table_rows_backward_f32(gradient, ids, d, stride, rows, columns));
}
void graft_activate(
    int element, int activation, const void *z, const float *bias, const graft_dropout *dropout, void *out,
    int64_t rows, int64_t columns) {
  (element ? activate_bf16(activation, z, bias, dropout, out, rows, columns)
           : activate_f32(activation, z, bias, dropout, out, rows, columns));
}
void graft_activate_backward(
    int element, int activation, const void *z, const float *bias, const graft_dropout *dropout, const void *d,
    void *dz, int64_t rows, int64_t columns) {
  (element ? activate_backward_bf16(activation, z, bias, dropout, d, dz, rows, columns)
           : activate_backward_f32(activation, z, bias, dropout, d, dz, rows, columns));
}
void graft_gate(
    int element, int activation, const void *z, const graft_dropout *dropout, void *out, int64_t rows,
    int64_t columns) {
  (element ? gate_bf16(activation, z, dropout, out, rows, columns)
           : gate_f32(activation, z, dropout, out, rows, columns));
}
void graft_gate_backward(
    int element, int activation, const void *z, const graft_dropout *dropout, const void *d, void *dz,
    int64_t rows, int64_t columns) {
  (element ? gate_backward_bf16(activation, z, dropout, d, dz, rows, columns)
           : gate_backward_f32(activation, z, dropout, d, dz, rows, columns));
}
void graft_add_column_sums(int element, const void *d, float *out, int64_t rows, int64_t columns) {
  (element ? add_column_sums_bf16(d, out, rows, columns) : add_column_sums_f32(d, out, rows, columns));
}
void graft_add_bias(int element, void *z, const float *bias, int64_t rows, int64_t columns) {
  (element ? add_bias_bf16(z, bias, rows, columns) : add_bias_f32(z, bias, rows, columns));
}

#if defined(__x86_64__)
#include <immintrin.h>
#endif

void graft_flush_subnormals(void) {
#if defined(__x86_64__)
  _mm_setcsr(_mm_getcsr() | 0x8040);  // flush to zero, denormals are zero
#endif
}
