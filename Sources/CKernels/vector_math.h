// Private: helpers that every kernel inlines, written so that clang vectorises the loops around them.
#ifndef GRAFT_VECTOR_MATH_H
#define GRAFT_VECTOR_MATH_H

#include <math.h>
#include <stdint.h>
#include <string.h>

// The choice between clones runs before ThreadSanitizer has begun, and crashes under it.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define GRAFT_ONE_CLONE 1
#endif
#endif

#if defined(__x86_64__) && !defined(GRAFT_ONE_CLONE)
// Each kernel is compiled three times and chosen when the program loads.
#define CLONED __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define CLONED
#endif
#define INLINE static inline __attribute__((always_inline))
// Sums may be reordered, so that they vectorise; the order is fixed by the binary and the instruction set.
#define REASSOCIATE _Pragma("clang fp reassociate(on) contract(fast)")

// For loops over a row of a few vectors: one vector at a time, for what several at a time leave over is done
// one by one.
#define SHORT_LOOP _Pragma("clang loop vectorize_width(16) interleave_count(1)")

typedef uint16_t bf16;

INLINE float bits_to_float(uint32_t u) {
  float f;
  memcpy(&f, &u, 4);
  return f;
}
INLINE uint32_t float_to_bits(float f) {
  uint32_t u;
  memcpy(&u, &f, 4);
  return u;
}

INLINE float load_f32(float x) { return x; }
INLINE float store_f32(float x) { return x; }
INLINE float load_bf16(bf16 x) { return bits_to_float((uint32_t)x << 16); }
// Round to nearest even; NaN stays NaN.
INLINE bf16 store_bf16(float x) {
  uint32_t u = float_to_bits(x);
  uint32_t rounded = (u + 0x7fffu + ((u >> 16) & 1u)) >> 16;
  return (bf16)(x == x ? rounded : (u >> 16) | 0x40u);
}

// exp with relative error below 2e-7 on [-87, 88]; clamped outside, so exp(-inf) is about 1e-38.
INLINE float fast_exp(float x) {
  x = x < -87.0f ? -87.0f : x;
  x = x > 88.0f ? 88.0f : x;
  // Added to 1.5 * 2^23, a number is rounded to an integer, which then stands in the last bits.
  const float shifted = x * 1.44269504088896341f + 12582912.0f;
  const float n = shifted - 12582912.0f;
  float r = x - n * 0.693359375f;
  r = r - n * -2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  // Times 2^n: n is added to the exponent.
  return bits_to_float(float_to_bits(p) + (float_to_bits(shifted) << 23));
}

// 1 / x for x in [1, 1e37], relative error below 2e-7: a guess from the bits and Newton's steps, which take a quarter
// of the time of a division.
INLINE float reciprocal(float x) {
  float y = bits_to_float(0x7ef311c7u - float_to_bits(x));
  y = y * (2.0f - x * y);
  y = y * (2.0f - x * y);
  return y * (2.0f - x * y);
}

// GELU, tanh form (Hendrycks & Gimpel 2016, as in GPT-2 and T5 v1.1): x (1 + tanh u) / 2 = x / (1 + exp(-2 u)).
INLINE float gelu_exponential(float x) {
  const float twice = 1.5957691216057308f * (x + 0.044715f * x * x * x);
  return fast_exp(twice < -80.0f ? 80.0f : -twice);
}
INLINE float gelu(float x) { return x * reciprocal(1.0f + gelu_exponential(x)); }
INLINE float gelu_derivative(float x) {
  const float e = gelu_exponential(x), s = reciprocal(1.0f + e);
  // The logistic function's slope is s (1 - s) = e s^2, which stays exact where s is all but 1.
  return s + x * e * s * s * 1.5957691216057308f * (1.0f + 0.134145f * x * x);
}

// SiLU (Elfwing et al. 2018, "swish" of Ramachandran et al. 2017): x / (1 + exp(-x)).
INLINE float silu(float x) { return x * reciprocal(1.0f + fast_exp(x < -80.0f ? 80.0f : -x)); }
INLINE float silu_derivative(float x) {
  const float e = fast_exp(x < -80.0f ? 80.0f : -x), s = reciprocal(1.0f + e);
  return s + x * e * s * s;
}

// The standard normal distribution function, by Abramowitz & Stegun 7.1.26; absolute error below 1e-7. `density` is
// exp(-x^2 / 2).
INLINE float normal_distribution(float x, float density) {
  const float a = x < 0 ? -x : x;
  const float t = reciprocal(1.0f + 0.3275911f * 0.70710678118654752f * a);
  float p = 1.061405429f;
  p = p * t - 1.453152027f;
  p = p * t + 1.421413741f;
  p = p * t - 0.284496736f;
  p = p * t + 0.254829592f;
  const float tail = 0.5f * p * t * density;
  return x < 0 ? tail : 1.0f - tail;
}
// GELU, exact form (as in BERT and ELECTRA).
INLINE float exact_gelu(float x) { return x * normal_distribution(x, fast_exp(-0.5f * x * x)); }
INLINE float exact_gelu_derivative(float x) {
  const float density = fast_exp(-0.5f * x * x);
  return normal_distribution(x, density) + x * density * 0.3989422804014327f;
}

// The logistic function; absolute error below 1e-6.
INLINE float logistic(float x) { return reciprocal(1.0f + fast_exp(x < -80.0f ? 80.0f : -x)); }
INLINE float logistic_derivative(float x) {
  const float e = fast_exp(x < -80.0f ? 80.0f : -x), s = reciprocal(1.0f + e);
  return e * s * s;
}

// tanh x = 1 - 2 / (1 + exp(2 x)); absolute error below 1e-6.
INLINE float hyperbolic_tangent(float x) {
  return 1.0f - 2.0f * reciprocal(1.0f + fast_exp(x > 40.0f ? 80.0f : 2.0f * x));
}

#endif
