#include "disentangled.h"

#include "vector_math.h"

CLONED void graft_add_disentangled(
    float *scores, int64_t stride, int64_t queries, int64_t keys, const float *query_terms, const float *key_terms,
    int64_t rows, const int32_t *row_of_distance) {
  for (int64_t q = 0; q < queries; q++) {
    float *restrict s = scores + q * stride;
    const float *a = query_terms + q * rows;
    for (int64_t k = 0; k < keys; k++) {
      const int32_t row = row_of_distance[q - k];
      s[k] += a[row] + key_terms[k * rows + row];
    }
  }
}

CLONED void graft_add_disentangled_backward(
    const float *d_scores, int64_t stride, int64_t queries, int64_t keys, float *d_query_terms, float *d_key_terms,
    int64_t rows, const int32_t *row_of_distance) {
  for (int64_t q = 0; q < queries; q++) {
    const float *d = d_scores + q * stride;
    float *a = d_query_terms + q * rows;
    for (int64_t k = 0; k < keys; k++) {
      const int32_t row = row_of_distance[q - k];
      a[row] += d[k];
      d_key_terms[k * rows + row] += d[k];
    }
  }
}
