// Steps of word vectors: skip-gram with negative sampling and GloVe; see Sources/WordVectors.
#ifndef GRAFT_WORD_VECTORS_H
#define GRAFT_WORD_VECTORS_H

#include <stdint.h>

// One step of gradient descent on a window: every input with every output, of which the first is the word that stands
// there and the others are drawn. With s = x_i . y_j the loss is the sum over all pairs of -log sigma(s) for the first
// output and -log sigma(-s) for the others (Mikolov et al. 2013, equation 4); all gradients are taken before a row
// changes. A row may stand several times among the inputs, or among the outputs.
//   inputs, outputs: rows of `width` numbers, aligned to 64 bytes; width is a multiple of 16
//   scratch: (inputCount + 1) * (outputCount + 3) + 16 * (inputCount + outputCount) + 48 numbers, aligned to 64 bytes
//   loss: the loss before the step is added to it; may be null
void graft_skip_gram_window(
    float *const *inputs, int32_t input_count, float *const *outputs, int32_t output_count, int64_t width, float rate,
    float *scratch, double *loss);

// row += sum over s of (copies[s] - row), in their order; a single copy replaces the row.
void graft_add_differences(float *row, const float *const *copies, int32_t count, int64_t width);

// What stands in a cell of a co-occurrence matrix: its weight f(x) and log x.
typedef struct {
  int32_t row, column;
  float weight, logarithm;
} graft_cell;

// Steps of AdaGrad on cells, one after the other, with loss f(x) (w_i . v_j + b_i + c_j - log x)^2 / 2 (Pennington et
// al. 2014, equation 8). A row holds `width` numbers, a multiple of 16: the vector, then its bias, then zeros; the bias
// stands at `size`. The squares of earlier steps have the same shape. A step is the gradient times `rate`, divided by
// the root of the sum of squares of the earlier ones, as in the authors' program.
//   loss: the loss before each step is added to it
void graft_glove_cells(
    const graft_cell *cells, int64_t count, float *rows, float *row_squares, float *columns, float *column_squares,
    int64_t size, int64_t width, float rate, double *loss);

#endif
