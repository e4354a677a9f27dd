// What depends on the order of a sequence: rotary positions, the steps of recurrent layers, and what regularises them.
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
    int element, float *gates, const float *recurrent, const float *bias, const float *peepholes,
    const float *cell_before, float *cell, void *hidden, int64_t rows, int64_t columns) {
  (element ? lstm_step_bf16(gates, recurrent, bias, peepholes, cell_before, cell, hidden, rows, columns)
           : lstm_step_f32(gates, recurrent, bias, peepholes, cell_before, cell, hidden, rows, columns));
}
void graft_lstm_step_backward(
    int element, const float *gates, const float *peepholes, const float *cell_before, const float *d_hidden,
    float *d_cell, void *d_gates, float *d_peepholes, int64_t rows, int64_t columns) {
  (element
       ? lstm_step_backward_bf16(
             gates, peepholes, cell_before, d_hidden, d_cell, d_gates, d_peepholes, rows, columns)
       : lstm_step_backward_f32(
             gates, peepholes, cell_before, d_hidden, d_cell, d_gates, d_peepholes, rows, columns));
}
void graft_multiply_states(int element, const float *factors, const float *states, void *out, int64_t count) {
  (element ? multiply_states_bf16(factors, states, out, count) : multiply_states_f32(factors, states, out, count));
}
void graft_multiply_states_backward(
    int element, const float *factors, const float *states, const float *d, void *d_factors, void *d_states,
    int64_t count) {
  (element ? multiply_states_backward_bf16(factors, states, d, d_factors, d_states, count)
           : multiply_states_backward_f32(factors, states, d, d_factors, d_states, count));
}
void graft_gru_step(
    int element, float *gates, const float *recurrent, const float *bias, const float *before, float *memory,
    void *hidden, int64_t rows, int64_t columns) {
  (element ? gru_step_bf16(gates, recurrent, bias, before, memory, hidden, rows, columns)
           : gru_step_f32(gates, recurrent, bias, before, memory, hidden, rows, columns));
}
void graft_gru_step_backward(
    int element, const float *gates, const float *before, const float *d_hidden, float *d_memory, void *d_input,
    void *d_recurrent, int64_t rows, int64_t columns) {
  (element ? gru_step_backward_bf16(gates, before, d_hidden, d_memory, d_input, d_recurrent, rows, columns)
           : gru_step_backward_f32(gates, before, d_hidden, d_memory, d_input, d_recurrent, rows, columns));
}
void graft_elman_step(
    int element, float *states, const float *recurrent, const float *bias, void *hidden, int64_t rows,
    int64_t columns) {
  (element ? elman_step_bf16(states, recurrent, bias, hidden, rows, columns)
           : elman_step_f32(states, recurrent, bias, hidden, rows, columns));
}
void graft_elman_step_backward(
    int element, const float *states, const float *d_hidden, void *d_input, int64_t rows, int64_t columns) {
  (element ? elman_step_backward_bf16(states, d_hidden, d_input, rows * columns)
           : elman_step_backward_f32(states, d_hidden, d_input, rows * columns));
}
void graft_qrnn_scan(
    int element, float *gates, const float *bias, const float *before, float *cells, void *hidden, int64_t tokens,
    int64_t columns) {
  (element ? qrnn_scan_bf16(gates, bias, before, cells, hidden, tokens, columns)
           : qrnn_scan_f32(gates, bias, before, cells, hidden, tokens, columns));
}
void graft_qrnn_scan_backward(
    int element, const float *gates, const float *before, const float *cells, const void *d_hidden, float *d_cell,
    void *d_gates, int64_t tokens, int64_t columns) {
  (element ? qrnn_scan_backward_bf16(gates, before, cells, d_hidden, d_cell, d_gates, tokens, columns)
           : qrnn_scan_backward_f32(gates, before, cells, d_hidden, d_cell, d_gates, tokens, columns));
}
void graft_unfold_rows(
    int element, const void *x, const void *before, void *out, int64_t tokens, int64_t window, int64_t columns) {
  const int64_t row = columns * (element ? 2 : 4), past = window - 1;
  char *to = out;
  for (int64_t t = 0; t < tokens; t++, to += window * row) {
    const int64_t missing = t < past ? past - t : 0, bytes = missing * row;
    if (missing > 0 && before)
      memcpy(to, (const char *)before + t * row, bytes);
    else
      memset(to, 0, bytes);
    memcpy(to + bytes, (const char *)x + (t - past + missing) * row, (window - missing) * row);
  }
}
void graft_fold_rows(
    int element, const void *d, float *d_x, float *d_before, int64_t tokens, int64_t window, int64_t columns) {
  (element ? fold_rows_bf16(d, d_x, d_before, tokens, window, columns)
           : fold_rows_f32(d, d_x, d_before, tokens, window, columns));
}
void graft_multiply_columns(
    int element, const void *x, const float *multipliers, void *out, int64_t rows, int64_t columns) {
  (element ? multiply_columns_bf16(x, multipliers, out, rows, columns)
           : multiply_columns_f32(x, multipliers, out, rows, columns));
}
void graft_sum_chunks(int element, const void *x, void *out, int64_t rows, int64_t chunks, int64_t columns) {
  (element ? sum_chunks_bf16(x, out, rows, chunks, columns) : sum_chunks_f32(x, out, rows, chunks, columns));
}
void graft_repeat_chunks(int element, const void *x, void *out, int64_t rows, int64_t chunks, int64_t columns) {
  const int64_t bytes = columns * (element ? 2 : 4);
  for (int64_t r = 0; r < rows; r++)
    for (int64_t k = 0; k < chunks; k++)
      memcpy((char *)out + (r * chunks + k) * bytes, (const char *)x + r * bytes, bytes);
}
void graft_penalty_slopes(
    int element, const void *x, float own, float between, float *out, int64_t rows, int64_t columns) {
  (element ? penalty_slopes_bf16(x, own, between, out, rows, columns)
           : penalty_slopes_f32(x, own, between, out, rows, columns));
}
