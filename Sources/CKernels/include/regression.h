// Sums of linear models over rows of numbers; see Sources/Probing/States.
#ifndef GRAFT_REGRESSION_H
#define GRAFT_REGRESSION_H

#include <stdint.h>

// The cross-entropy, summed over the rows, of softmax(x W^T + b), and its gradient, which is added.
//   x: rows * columns; columns is a multiple of 16
//   labels: of the rows, in 0..<classes
//   weights, gradient: classes * columns
//   biases, bias_gradient, scores: classes; scores is scratch
double graft_softmax_regression(
    const float *x, const int32_t *labels, int64_t rows, int64_t columns, int64_t classes, const float *weights,
    const float *biases, float *gradient, float *bias_gradient, float *scores);

// scores[r, k] = x_r . w_k + b_k for rows * columns numbers x; columns is a multiple of 16.
void graft_linear_scores(
    const float *x, int64_t rows, int64_t columns, int64_t classes, const float *weights, const float *biases,
    float *scores);

// sums[i, j] += sum over r of x[r, i] * x[r, j] for every j at or behind the sixteen that i is of; columns is a
// multiple of 16.
void graft_add_products(const float *x, int64_t rows, int64_t columns, float *sums);

#endif
