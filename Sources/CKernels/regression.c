#include "regression.h"

#include <math.h>

#include "lanes.h"

// Rows lie where they like.
typedef float loose __attribute__((vector_size(64), aligned(4)));

INLINE float dot(const float *a, const float *b, int64_t columns) {
  loose sum = {0};
  for (int64_t v = 0; v < columns; v += 16) sum += *(const loose *)(a + v) * *(const loose *)(b + v);
  float total = 0;
  for (int i = 0; i < 16; i++) total += sum[i];
  return total;
}

INLINE void add_scaled(float *sum, float factor, const float *x, int64_t columns) {
  for (int64_t v = 0; v < columns; v += 16) *(loose *)(sum + v) += factor * *(const loose *)(x + v);
}

CLONED double graft_softmax_regression(
    const float *x, const int32_t *labels, int64_t rows, int64_t columns, int64_t classes, const float *weights,
    const float *biases, float *gradient, float *bias_gradient, float *scores) {
  double loss = 0;
  for (int64_t r = 0; r < rows; r++) {
    const float *row = x + r * columns;
    float greatest = -INFINITY;
    for (int64_t k = 0; k < classes; k++) {
      scores[k] = biases[k] + dot(row, weights + k * columns, columns);
      greatest = scores[k] > greatest ? scores[k] : greatest;
    }
    float total = 0;
    loss += greatest - scores[labels[r]];
    for (int64_t k = 0; k < classes; k++) total += scores[k] = expf(scores[k] - greatest);
    loss += log(total);
    for (int64_t k = 0; k < classes; k++) {
      const float error = scores[k] / total - (k == labels[r]);
      bias_gradient[k] += error;
      add_scaled(gradient + k * columns, error, row, columns);
    }
  }
  return loss;
}

CLONED void graft_linear_scores(
    const float *x, int64_t rows, int64_t columns, int64_t classes, const float *weights, const float *biases,
    float *scores) {
  for (int64_t r = 0; r < rows; r++)
    for (int64_t k = 0; k < classes; k++)
      scores[r * classes + k] = biases[k] + dot(x + r * columns, weights + k * columns, columns);
}

CLONED void graft_add_products(const float *x, int64_t rows, int64_t columns, float *sums) {
  int64_t r = 0;
  for (; r + 4 <= rows; r += 4) {
    const float *a = x + r * columns, *b = a + columns, *c = b + columns, *d = c + columns;
    for (int64_t i = 0; i < columns; i++)
      for (int64_t v = i / 16 * 16; v < columns; v += 16)
        *(loose *)(sums + i * columns + v) += a[i] * *(const loose *)(a + v) + b[i] * *(const loose *)(b + v)
            + (c[i] * *(const loose *)(c + v) + d[i] * *(const loose *)(d + v));
  }
  for (; r < rows; r++) {
    const float *a = x + r * columns;
    for (int64_t i = 0; i < columns; i++)
      add_scaled(sums + i * columns + i / 16 * 16, a[i], a + i / 16 * 16, columns - i / 16 * 16);
  }
}
