#ifndef GRAFT_OPTIMIZERS_H
#define GRAFT_OPTIMIZERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Elementwise optimizer kernels over flat arrays. Multiplications and additions are never fused and sums keep
// a fixed number of lanes, so a value does not depend on the instruction set or on how a range was split.
// Arrays must not overlap. `bfloat16_copy` may be NULL; else it receives the new values rounded to bfloat16
// (nearest, ties to even).

/// The scalars of one AdamW update, computed once per step.
typedef struct {
  /// Multiplies each gradient first: the reciprocal of the target count, the clipping factor, or both.
  float gradient_scale;
  float beta1;
  /// 1 - beta1 and 1 - beta2, rounded once: 1.0f - 0.999f is off by 5e-5 of itself.
  float gradient_weight;
  float beta2;
  float square_weight;
  float epsilon;
  /// 1 - learning rate * weight decay.
  float keep;
  /// learning rate / (1 - beta1^t).
  float step_size;
  /// 1 / sqrt(1 - beta2^t).
  float second_moment_scale;
} graft_adamw_scalars;

/// AdamW with decoupled decay (Loshchilov & Hutter 2019, algorithm 2), one pass over `count` elements.
void graft_adamw_step(
    size_t count, graft_adamw_scalars scalars, float *values, const float *gradients, float *first_moment,
    float *second_moment, uint16_t *bfloat16_copy);

/// Sum of squares in double over 16 fixed lanes.
double graft_sum_of_squares(size_t count, const float *values);

/// Adds (scale * gradient)^2 + epsilon of one row to `column_sums` and returns the row's sum.
double graft_adafactor_accumulate_row(
    size_t count, float scale, double epsilon, const float *gradients, double *column_sums);

/// second_moment = beta * second_moment + (1 - beta) * ((scale * gradient)^2 + epsilon).
void graft_adafactor_second_moment(
    size_t count, float scale, double beta, double epsilon, const float *gradients, float *second_moment);

/// Sum of (scale * gradient * factor)^2 in double over 16 fixed lanes.
double graft_adafactor_update_squares(
    size_t count, float scale, const float *gradients, const float *factors);

/// values -= scale * gradient * factor.
void graft_adafactor_apply(
    size_t count, float scale, const float *gradients, const float *factors, float *values,
    uint16_t *bfloat16_copy);

/// One pass of Muon's momentum: momentum = decay * momentum + share * gradient. `update` receives the momentum, or with
/// `nesterov` share * gradient + decay * momentum.
void graft_muon_accumulate(
    size_t count, float decay, float share, bool nesterov, const float *gradients, float *momentum, float *update);

/// values = values * factor.
void graft_scale_values(size_t count, float factor, float *values);

/// sums = a * x + b * sums.
void graft_weighted_sum(size_t count, float a, const float *x, float b, float *sums);

/// values = keep * values - size * update; with `cautious`, `keep` is 1 for values that the update makes larger.
void graft_muon_apply(
    size_t count, float keep, float size, bool cautious, const float *update, float *values,
    uint16_t *bfloat16_copy);

/// sums = sums + x * x.
void graft_add_squares(size_t count, const float *x, float *sums);

/// values = values / divisors.
void graft_divide_values(size_t count, const float *divisors, float *values);

#endif
