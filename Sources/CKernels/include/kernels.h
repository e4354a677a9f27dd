// Row and pointwise kernels. Matrices are row-major; `element` says whether `void *` operands are f32 or bf16
// (0 or 1, as graft_element in CMatrixLibraries); everything else is f32. All kernels run on the calling
// thread, give the same bits on every call, and choose the instruction set at run time.
//
// Letters: rows R, columns C, head dimension d, queries q, keys k.
#ifndef GRAFT_KERNELS_H
#define GRAFT_KERNELS_H

#include <stdbool.h>
#include <stdint.h>

// Makes the calling thread treat subnormal numbers as zero. Attention weights far from the maximum are such
// numbers, and each one costs the processor a hundred cycles; see Docs/PERFORMANCE.md.
void graft_flush_subnormals(void);

// Dropout by a keyed mask: element e of the stream is dropped iff 16 Philox bits at e fall below `threshold`.
// threshold 0 means no dropout; `scale` is 65536 / (65536 - threshold).
typedef struct {
  uint32_t key0, key1;
  uint32_t threshold;
  float scale;
} graft_dropout;

// Multipliers (0 or scale) of the `count` stream elements from `first`, which is a multiple of 128.
void graft_dropout_multipliers(const graft_dropout *dropout, uint64_t first, float *multipliers, int64_t count);

void graft_convert(int from, const void *source, int to, void *destination, int64_t count);
void graft_add(float *destination, const float *source, int64_t count);
// destination += source, source of either element type.
void graft_add_elements(int element, float *destination, const void *source, int64_t count);

// out[r] = scale * table[ids[r]] (+ positions[position[r]]); rows with id < 0 are zero.
void graft_embed(
    const float *table, const int32_t *ids, const float *positions, const int32_t *position, float scale,
    float *out, int64_t rows, int64_t columns);
// gradient[ids[r]] += scale * d[r].
void graft_embed_backward(
    float *gradient, const int32_t *ids, float scale, const float *d, int64_t rows, int64_t columns);

// out[r] += table[ids[r]] where ids[r] >= 0.
void graft_add_rows(const float *table, const int32_t *ids, float *out, int64_t rows, int64_t columns);

// The same for rows of either element type, `stride` elements apart: x[r] += table[ids[r]], and gradient[ids[r]] += d[r].
void graft_add_table_rows(
    int element, const float *table, const int32_t *ids, void *x, int64_t stride, int64_t rows, int64_t columns);
void graft_add_table_rows_backward(
    int element, float *gradient, const int32_t *ids, const void *d, int64_t stride, int64_t rows, int64_t columns);

// out = the sum of weights[i] * inputs[i].
void graft_mix(
    int64_t inputs, const float *const *input, const float *weights, float *out, int64_t count);
// dx (+)= weight * d; returns the sum of d * x.
double graft_mix_backward(
    const float *x, float weight, const float *d, float *dx, bool accumulate, int64_t count);

// y = x / rms(x) * weight. `inverse` keeps 1 / rms per row. Zhang & Sennrich 2019.
void graft_rms_norm(
    int element, const float *x, const float *weight, float epsilon, void *y, float *inverse, int64_t rows,
    int64_t columns);
// dx (+)= …; d_weight += ….  `d_element` is the type of dy.
void graft_rms_norm_backward(
    int d_element, const float *x, const float *weight, const float *inverse, const void *dy, float *dx,
    bool accumulate, float *d_weight, int64_t rows, int64_t columns);
// Divides each head of each row by its root mean square, in place: heads side by side, rows `stride` elements apart.
// `inverse` [rows, heads] keeps the factors.
void graft_normalize_heads(
    int element, void *x, int64_t stride, float epsilon, float *inverse, int64_t rows, int64_t heads, int64_t d);
// From the normalised heads y: dx = inverse * (dy - y * mean(dy * y)), in place of dy.
void graft_normalize_heads_backward(
    int element, const void *y, const float *inverse, void *dy, int64_t stride, int64_t rows, int64_t heads,
    int64_t d);
// Multiplies each head of each row by `gain` [d], in place.
void graft_scale_heads(
    int element, void *x, int64_t stride, const float *gain, int64_t rows, int64_t heads, int64_t d);
// From the heads x before: dx = gain * dy in place of dy; d_gain += the sum of x * dy over rows and heads.
void graft_scale_heads_backward(
    int element, const void *x, const float *gain, void *dy, float *d_gain, int64_t stride, int64_t rows, int64_t heads,
    int64_t d);
// Ba, Kiros & Hinton 2016. `mean` and `inverse` (1 / standard deviation) are kept per row.
void graft_layer_norm(
    int element, const float *x, const float *weight, const float *bias, float epsilon, void *y, float *mean,
    float *inverse, int64_t rows, int64_t columns);
void graft_layer_norm_backward(
    int d_element, const float *x, const float *weight, const float *mean, const float *inverse, const void *dy,
    float *dx, bool accumulate, float *d_weight, float *d_bias, int64_t rows, int64_t columns);

// out = x + dropout(y + bias); x and out f32, bias may be NULL.
void graft_residual(
    int element, const float *x, const void *y, const float *bias, const graft_dropout *dropout, float *out,
    int64_t rows, int64_t columns);
// dy = dropout-mask * d.
void graft_residual_backward(
    int element, const float *d, const graft_dropout *dropout, void *dy, int64_t rows, int64_t columns);
// x *= mask in place (forward and backward of a plain dropout).
void graft_dropout_apply(float *x, const graft_dropout *dropout, int64_t count);

// GELU: tanh form; exact: by the normal distribution function.
typedef enum {
  GRAFT_IDENTITY = 0,
  GRAFT_RELU = 1,
  GRAFT_GELU = 2,
  GRAFT_EXACT_GELU = 3,
  GRAFT_TANH = 4,
  GRAFT_SILU = 5,
  GRAFT_SQUARED_RELU = 6,
  GRAFT_SIGMOID = 7
} graft_activation;

// out = dropout(activation(z + bias)); bias may be NULL.
void graft_activate(
    int element, int activation, const void *z, const float *bias, const graft_dropout *dropout, void *out,
    int64_t rows, int64_t columns);
void graft_activate_backward(
    int element, int activation, const void *z, const float *bias, const graft_dropout *dropout, const void *d,
    void *dz, int64_t rows, int64_t columns);
// z is [R, 2C], gate half first: out = dropout(activation(z[:, :C]) * z[:, C:]).
void graft_gate(
    int element, int activation, const void *z, const graft_dropout *dropout, void *out, int64_t rows,
    int64_t columns);
void graft_gate_backward(
    int element, int activation, const void *z, const graft_dropout *dropout, const void *d, void *dz,
    int64_t rows, int64_t columns);

// out[c] += sum over rows of d[r, c].
void graft_add_column_sums(int element, const void *d, float *out, int64_t rows, int64_t columns);
// z[r, c] += bias[c].
void graft_add_bias(int element, void *z, const float *bias, int64_t rows, int64_t columns);

// One head's attention weights. Query q may see keys from q - before on and below min(keys, max(q + causal + 1,
// prefix)); pass INT32_MAX / 2 for no limit of either kind. `bias` may be NULL, else bias[k - q] is added (the pointer is
// to the element for k == q).
typedef struct {
  int32_t queries, keys;      // rows and visible columns
  int32_t stride;             // columns of the score matrix, at least keys; the rest gets zeros
  int32_t causal;
  int32_t before;             // how many keys before its own place a query sees
  int32_t prefix;             // keys that every query sees
  float scale;
  const float *bias;
  uint64_t dropout_first;     // stream position of row 0; rows are ceil(stride / 128) * 128 apart
} graft_attention_rows;

// scores [queries, stride] is overwritten; weights (element type) gets the dropped-out softmax and
// log_sums[q] the log of the sum of exponentials (+inf where no key is visible, whose weights are zero).
void graft_attention_softmax(
    int element, const graft_attention_rows *rows, const graft_dropout *dropout, float *scores, void *weights,
    float *log_sums);
// From raw scores, log_sums, dP = dO V^T and delta[q] = dO · O: weights again (dropped out) and
// d_scores = scale * dS, both element type; bias gradient accumulates into d_bias (same indexing) if not NULL.
void graft_attention_softmax_backward(
    int element, const graft_attention_rows *rows, const graft_dropout *dropout, const float *scores,
    const float *log_sums, const float *d_weights, const float *delta, void *weights, void *d_scores,
    float *d_bias);
// delta[r] = sum over d of a[r] * b[r]; rows `stride` apart.
void graft_row_dots(
    int element, const void *a, int64_t a_stride, const void *b, int64_t b_stride, float *out, int64_t rows,
    int64_t columns);

// All heads of one query over `length` cached positions, whose key and value rows are `stride` elements apart:
// out [heads * d]. `group` heads after one another share the keys and values of one. `bias` may be NULL, else
// bias[h * bias_stride + k] is added. Scratch: scores [length], sums [d]. Without positions the result is zero.
void graft_attend_cached(
    int element, const void *query, const void *keys, const void *values, int64_t stride, int64_t length,
    int64_t heads, int64_t group, int64_t d, float scale, const float *bias, int64_t bias_stride, float *scores,
    float *sums, void *out);

// One head on AMX tiles, bf16 operands, d a multiple of 32: everything between the query, key and value rows and
// the output rows (or their gradients) in one call, where `graft_tiles_available`. `rows->stride` is the number of key
// rows. Results equal the kernels above with bf16 products between them.
int64_t graft_attention_scratch_bytes(int64_t queries, int64_t keys, int64_t d);  // 64-byte aligned
void graft_attention_head(
    const graft_attention_rows *rows, const graft_dropout *dropout, const void *query, int64_t query_stride,
    const void *key, int64_t key_stride, const void *value, int64_t value_stride, int64_t d, void *out,
    int64_t out_stride, float *log_sums, void *scratch);
// Gradients have the strides of what they belong to.
void graft_attention_head_backward(
    const graft_attention_rows *rows, const graft_dropout *dropout, const void *query, int64_t query_stride,
    const void *key, int64_t key_stride, const void *value, int64_t value_stride, int64_t d, const void *d_out,
    int64_t out_stride, const float *log_sums, const float *delta, void *d_query, void *d_key, void *d_value,
    float *d_bias, void *scratch);

// Turns the first `turned` components of each head of each row in place, heads of d side by side and rows `stride`
// elements apart: with n = turned / 2 and the cosine and sine of angle j at the row's position, (x[j], x[j + n]) becomes
// (x[j] cos - x[j + n] sin, x[j + n] cos + x[j] sin). `direction` 1 turns, -1 turns back; tables are [positions, n],
// `turned` even.
void graft_rotate(
    int element, void *x, int64_t stride, const int32_t *positions, const float *cosines, const float *sines,
    float direction, int64_t rows, int64_t heads, int64_t d, int64_t turned);

// One step of an LSTM (Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000). `gates` [R, 4C] holds
// what the inputs add to the gates i, f, g, o, `recurrent` [R, 4C] what the states before add, bias [4C]; `gates`
// becomes the activated gates. cell = f * cell_before + i * g; hidden = o * tanh(cell). With `peepholes` [3, C] (Gers &
// Schmidhuber 2000; NULL for none) cell_before times the first two is added to i and f, and cell times the third to o.
void graft_lstm_step(
    int element, float *gates, const float *recurrent, const float *bias, const float *peepholes,
    const float *cell_before, float *cell, void *hidden, int64_t rows, int64_t columns);
// From the activated gates and the gradients of `hidden` and `cell`: d_gates (element type) before their activations,
// and d_cell becomes the gradient of cell_before. That of the peepholes is added to d_peepholes if it is not NULL.
void graft_lstm_step_backward(
    int element, const float *gates, const float *peepholes, const float *cell_before, const float *d_hidden,
    float *d_cell, void *d_gates, float *d_peepholes, int64_t rows, int64_t columns);
// What the gates of a multiplicative layer read (Krause et al. 2016): out = factors * states in the element type; and
// from its gradient d those of both.
void graft_multiply_states(
    int element, const float *factors, const float *states, void *out, int64_t count);
void graft_multiply_states_backward(
    int element, const float *factors, const float *states, const float *d, void *d_factors, void *d_states,
    int64_t count);
// One step of a GRU (Cho et al. 2014) as PyTorch has it. `gates` [R, 4C] holds what the inputs add to the gates r, z and
// n, and room; `recurrent` [R, 3C] what the states before add, bias [4C] that of r, that of z, the inputs' of n and the
// states' of n. `gates` becomes the activated r and z, n = tanh(input + r * q), and q, the states' part of n.
// memory = n + z * (before - n), and `hidden` the same in the element type.
void graft_gru_step(
    int element, float *gates, const float *recurrent, const float *bias, const float *before, float *memory,
    void *hidden, int64_t rows, int64_t columns);
// From what `gates` became and the gradients of `hidden` and `memory`: those of the inputs' and of the states' parts of
// the gates [R, 3C] in the element type, and d_memory becomes the gradient of `before`, but for what it has through
// the products.
void graft_gru_step_backward(
    int element, const float *gates, const float *before, const float *d_hidden, float *d_memory, void *d_input,
    void *d_recurrent, int64_t rows, int64_t columns);
// One step of an Elman network (Elman 1990): `states` [R, C], what the inputs add, becomes
// tanh(states + recurrent + bias), and `hidden` the same in the element type.
void graft_elman_step(
    int element, float *states, const float *recurrent, const float *bias, void *hidden, int64_t rows,
    int64_t columns);
void graft_elman_step_backward(
    int element, const float *states, const float *d_hidden, void *d_input, int64_t rows, int64_t columns);
// The pooling of a quasi-recurrent layer (Bradbury et al. 2017, fo-pooling) over the T tokens of one sequence. `gates`
// [T, 3C] becomes z = tanh, f and o = logistic of itself and the bias [3C]; from `before` [C] on,
// cell = z + f * (cell before - z), and hidden = o * cell in the element type.
void graft_qrnn_scan(
    int element, float *gates, const float *bias, const float *before, float *cells, void *hidden, int64_t tokens,
    int64_t columns);
// `d_cell` [C], the gradient of the last cell that is not through `hidden`, becomes that of `before`.
void graft_qrnn_scan_backward(
    int element, const float *gates, const float *before, const float *cells, const void *d_hidden, float *d_cell,
    void *d_gates, int64_t tokens, int64_t columns);
// What a causal convolution reads at the T tokens of one sequence: out [T, window * C] has for each the `window` rows of
// x [T, C] that end with its own, the oldest first. Rows from before the sequence are those of `before`
// [window - 1, C], zeros if it is NULL.
void graft_unfold_rows(
    int element, const void *x, const void *before, void *out, int64_t tokens, int64_t window, int64_t columns);
// Adds the gradients d of what `graft_unfold_rows` made to those of x and, if not NULL, of `before`.
void graft_fold_rows(
    int element, const void *d, float *d_x, float *d_before, int64_t tokens, int64_t window, int64_t columns);
// out[r, c] = multipliers[c] * x[r, c].
void graft_multiply_columns(
    int element, const void *x, const float *multipliers, void *out, int64_t rows, int64_t columns);
// out[r] = the sum of the `chunks` rows of C that lie next to each other in x[r], and the opposite: each of the chunks of
// out[r] is x[r].
void graft_sum_chunks(int element, const void *x, void *out, int64_t rows, int64_t chunks, int64_t columns);
void graft_repeat_chunks(int element, const void *x, void *out, int64_t rows, int64_t chunks, int64_t columns);
// The gradient of own / 2 * sum of x[r]^2 + between / 2 * sum of (x[r] - x[r - 1])^2 over the rows of a sequence.
void graft_penalty_slopes(
    int element, const void *x, float own, float between, float *out, int64_t rows, int64_t columns);

// Softmax cross-entropy over a vocabulary whose logits exist for one block of columns at a time. With
// e = exp(logit_scale * logit + bias - shift) and S = sum of e, the gradient of the raw logits is
// gradient_scale / S * (e - weight * S * one-hot): what is kept is the bracket, the factor goes into row_scales. With
// z_weight times (log S + shift)^2 added to the loss, f = 1 + 2 * z_weight * (log S + shift) multiplies the softmax:
// gradient_scale * f / S * (e - weight * S / f * one-hot). f counts as 0.01 where it is less.
typedef struct {
  float shift, sum, target;  // target: the scaled logit of the row's target
} graft_softmax_row;
// Block [R, columns] of the logits, which begins at column `first_column` of the vocabulary; blocks come in order
// from 0. `bias` (of the block's columns) may be NULL. `exponentials` (element type, rows `stride` apart, all columns) may
// be NULL. With a `cap` other than 0, logits z become cap * tanh(z / cap), and what is kept are the exponentials times
// the slope 1 - tanh^2.
void graft_exponentiate_logits(
    int element, float *logits, int64_t rows, int64_t columns, float logit_scale, const float *bias,
    float cap, const int32_t *targets, int64_t first_column, graft_softmax_row *state, void *exponentials,
    int64_t stride);
// x = cap * tanh(x / cap).
void graft_cap(float *x, float cap, int64_t count);
// After the last block and before `graft_finish_cross_entropy`: draws one column of each row with the probabilities
// e / S, by walking their sum up to uniforms[r] (in 0 ..< 1) of the whole.
void graft_sample_rows(
    int element, const void *exponentials, int64_t stride, int64_t columns, const float *uniforms,
    int32_t *samples, int64_t rows);
// After the last block: returns the summed loss in nats, fills losses[r] if not NULL and, if `exponentials` is not
// NULL, turns them into the bracket above and fills row_scales[r]. gradient_scale includes the logit scale;
// target_weight is 1 without label smoothing; losses and their sum are without what z_weight adds.
double graft_finish_cross_entropy(
    int element, const graft_softmax_row *state, const int32_t *targets, float target_weight, float gradient_scale,
    float cap, float z_weight, float *losses, void *exponentials, int64_t stride, float *row_scales, int64_t rows);
// out[c] += sum over rows of scales[r] * x[r, c].
void graft_add_scaled_column_sums(
    int element, const void *x, const float *scales, float *out, int64_t rows, int64_t columns);
// out[r] = scales[r] * x[r]; out may be x.
void graft_scale_rows(
    int element, const void *x, const float *scales, void *out, int64_t rows, int64_t columns);

// Copies rows: out[i] = x[index[i]], and the accumulating inverse. Bytes per row = columns * element size.
void graft_gather_rows(
    int element, const void *x, const int32_t *index, void *out, int64_t rows, int64_t columns);
void graft_scatter_rows(
    int element, const void *x, const int32_t *index, void *out, int64_t rows, int64_t columns);

#endif
