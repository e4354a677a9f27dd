// What depends on the order of a sequence: rotary positions, and the steps of recurrent layers.
#include "kernels.h"
#include "vector_math.h"

#define TEMPLATE "sequences.template.h"
#include "both_elements.h"

void graft_rotate(
    int element, void *x, int64_t stride, const int32_t *positions, const float *cosines, const float *sines,
    float direction, int64_t rows, int64_t heads, int64_t d, int64_t turned) {
  (element ? rotate_bf16(x, stride, positions, cosines, sines, direction, rows, heads, d, turned)
           : rotate_f32(x, stride, positions, cosines, sines, direction, rows, heads, d, turned));
}
void graft_lstm_step(
    int element, float *gates, const float *recurrent, const float *bias, const float *cell_before, float *cell,
    void *hidden, int64_t rows, int64_t columns) {
  (element ? lstm_step_bf16(gates, recurrent, bias, cell_before, cell, hidden, rows, columns)
           : lstm_step_f32(gates, recurrent, bias, cell_before, cell, hidden, rows, columns));
}
void graft_lstm_step_backward(
    int element, const float *gates, const float *cell_before, const float *d_hidden, float *d_cell, void *d_gates,
    int64_t rows, int64_t columns) {
  (element ? lstm_step_backward_bf16(gates, cell_before, d_hidden, d_cell, d_gates, rows, columns)
           : lstm_step_backward_f32(gates, cell_before, d_hidden, d_cell, d_gates, rows, columns));
}
