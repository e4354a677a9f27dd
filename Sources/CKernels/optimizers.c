#include "optimizers.h"

#include <string.h>

#include "vector_math.h"

// Clones for run-time dispatch. Fused multiply-add is off so that all clones, and the vector body and the
// scalar tail of each, round alike; these loops wait for memory, not for arithmetic.
#if defined(__x86_64__) && defined(__linux__) && !defined(GRAFT_ONE_CLONE)
#define GRAFT_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define GRAFT_CLONES
#endif
#define GRAFT_INLINE static inline __attribute__((always_inline))

#pragma clang fp contract(off)

enum { LANES = 16 };

GRAFT_INLINE uint16_t bfloat16_from(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  uint32_t rounded = (bits + 0x7FFFu + ((bits >> 16) & 1u)) >> 16;
  uint32_t quiet = (bits >> 16) | 0x40u;
  return (uint16_t)((bits & 0x7FFFFFFFu) > 0x7F800000u ? quiet : rounded);
}

// Fixed pairwise order: 16 → 8 → 4 → 2 → 1.
GRAFT_INLINE double sum_lanes(double *lanes) {
  for (int width = LANES / 2; width > 0; width /= 2)
    for (int i = 0; i < width; i++) lanes[i] += lanes[i + width];
  return lanes[0];
}

GRAFT_INLINE float adamw_element(
    graft_adamw_scalars s, float value, float gradient, float *restrict first, float *restrict second) {
  float g = gradient * s.gradient_scale;
  float m = s.beta1 * *first + s.gradient_weight * g;
  float v = s.beta2 * *second + s.square_weight * (g * g);
  *first = m;
  *second = v;
  // The builtin, unlike sqrtf, cannot set errno and therefore vectorises.
  float denominator = __builtin_elementwise_sqrt(v) * s.second_moment_scale + s.epsilon;
  return value * s.keep - s.step_size * (m / denominator);
}

GRAFT_CLONES
void graft_adamw_step(
    size_t count, graft_adamw_scalars scalars, float *restrict values, const float *restrict gradients,
    float *restrict first_moment, float *restrict second_moment, uint16_t *restrict bfloat16_copy) {
  if (bfloat16_copy) {
    for (size_t i = 0; i < count; i++) {
      float value = adamw_element(scalars, values[i], gradients[i], &first_moment[i], &second_moment[i]);
      values[i] = value;
      bfloat16_copy[i] = bfloat16_from(value);
    }
  } else {
    for (size_t i = 0; i < count; i++)
      values[i] = adamw_element(scalars, values[i], gradients[i], &first_moment[i], &second_moment[i]);
  }
}

GRAFT_CLONES
double graft_sum_of_squares(size_t count, const float *restrict values) {
  double lanes[LANES] = {0};
  size_t i = 0;
  for (; i + LANES <= count; i += LANES)
    for (int j = 0; j < LANES; j++) {
      double x = values[i + j];
      lanes[j] += x * x;
    }
  for (int j = 0; i < count; i++, j++) {
    double x = values[i];
    lanes[j] += x * x;
  }
  return sum_lanes(lanes);
}

GRAFT_CLONES
double graft_adafactor_accumulate_row(
    size_t count, float scale, double epsilon, const float *restrict gradients,
    double *restrict column_sums) {
  double lanes[LANES] = {0};
  size_t i = 0;
  for (; i + LANES <= count; i += LANES)
    for (int j = 0; j < LANES; j++) {
      double g = gradients[i + j] * scale;
      double square = g * g + epsilon;
      column_sums[i + j] += square;
      lanes[j] += square;
    }
  for (int j = 0; i < count; i++, j++) {
    double g = gradients[i] * scale;
    double square = g * g + epsilon;
    column_sums[i] += square;
    lanes[j] += square;
  }
  return sum_lanes(lanes);
}

GRAFT_CLONES
void graft_adafactor_second_moment(
    size_t count, float scale, double beta, double epsilon, const float *restrict gradients,
    float *restrict second_moment) {
  for (size_t i = 0; i < count; i++) {
    double g = gradients[i] * scale;
    second_moment[i] = (float)(beta * second_moment[i] + (1.0 - beta) * (g * g + epsilon));
  }
}

GRAFT_CLONES
double graft_adafactor_update_squares(
    size_t count, float scale, const float *restrict gradients, const float *restrict factors) {
  double lanes[LANES] = {0};
  size_t i = 0;
  for (; i + LANES <= count; i += LANES)
    for (int j = 0; j < LANES; j++) {
      double u = gradients[i + j] * scale * factors[i + j];
      lanes[j] += u * u;
    }
  for (int j = 0; i < count; i++, j++) {
    double u = gradients[i] * scale * factors[i];
    lanes[j] += u * u;
  }
  return sum_lanes(lanes);
}

GRAFT_CLONES
void graft_adafactor_apply(
    size_t count, float scale, const float *restrict gradients, const float *restrict factors,
    float *restrict values, uint16_t *restrict bfloat16_copy) {
  if (bfloat16_copy) {
    for (size_t i = 0; i < count; i++) {
      float value = values[i] - scale * gradients[i] * factors[i];
      values[i] = value;
      bfloat16_copy[i] = bfloat16_from(value);
    }
  } else {
    for (size_t i = 0; i < count; i++) values[i] = values[i] - scale * gradients[i] * factors[i];
  }
}

GRAFT_CLONES
void graft_muon_accumulate(
    size_t count, float decay, float share, bool nesterov, const float *restrict gradients,
    float *restrict momentum, float *restrict update) {
  if (nesterov) {
    for (size_t i = 0; i < count; i++) {
      float g = share * gradients[i];
      float m = decay * momentum[i] + g;
      momentum[i] = m;
      update[i] = g + decay * m;
    }
  } else {
    for (size_t i = 0; i < count; i++) {
      float m = decay * momentum[i] + share * gradients[i];
      momentum[i] = m;
      update[i] = m;
    }
  }
}

GRAFT_CLONES
void graft_scale_values(size_t count, float factor, float *restrict values) {
  for (size_t i = 0; i < count; i++) values[i] *= factor;
}

GRAFT_CLONES
void graft_weighted_sum(size_t count, float a, const float *restrict x, float b, float *restrict sums) {
  for (size_t i = 0; i < count; i++) sums[i] = a * x[i] + b * sums[i];
}

GRAFT_CLONES
void graft_muon_apply(
    size_t count, float keep, float size, bool cautious, const float *restrict update, float *restrict values,
    uint16_t *restrict bfloat16_copy) {
  if (cautious) {
    for (size_t i = 0; i < count; i++) {
      float factor = update[i] * values[i] >= 0 ? keep : 1.0f;
      values[i] = factor * values[i] - size * update[i];
    }
  } else {
    for (size_t i = 0; i < count; i++) values[i] = keep * values[i] - size * update[i];
  }
  if (bfloat16_copy)
    for (size_t i = 0; i < count; i++) bfloat16_copy[i] = bfloat16_from(values[i]);
}

GRAFT_CLONES
void graft_add_squares(size_t count, const float *restrict x, float *restrict sums) {
  for (size_t i = 0; i < count; i++) sums[i] += x[i] * x[i];
}

GRAFT_CLONES
void graft_divide_values(size_t count, const float *restrict divisors, float *restrict values) {
  for (size_t i = 0; i < count; i++) values[i] /= divisors[i];
}
