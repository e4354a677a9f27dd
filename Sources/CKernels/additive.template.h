// Included once per element type by additive.c.

INLINE float NAME(additive_score)(
    const ELEMENT *restrict query, const ELEMENT *restrict key, const float *restrict vector, int64_t n) {
  REASSOCIATE
  float sum = 0;
  for (int64_t c = 0; c < n; c++) sum += vector[c] * hyperbolic_tangent(LOAD(query[c]) + LOAD(key[c]));
  return sum;
}

CLONED static void NAME(additive_scores)(
    const ELEMENT *query, int64_t query_stride, const ELEMENT *key, int64_t key_stride, const float *vector,
    float *scores, int64_t stride, int64_t queries, int64_t keys, int64_t columns) {
  for (int64_t q = 0; q < queries; q++)
    for (int64_t k = 0; k < keys; k++)
      scores[q * stride + k] = NAME(additive_score)(query + q * query_stride, key + k * key_stride, vector, columns);
}

INLINE void NAME(additive_score_backward)(
    const ELEMENT *restrict query, const ELEMENT *restrict key, const float *restrict vector, float d_score,
    float *restrict d_query, float *restrict d_key, float *restrict d_vector, int64_t n) {
  for (int64_t c = 0; c < n; c++) {
    const float t = hyperbolic_tangent(LOAD(query[c]) + LOAD(key[c]));
    const float d = d_score * vector[c] * (1.0f - t * t);
    d_query[c] += d;
    d_key[c] += d;
    d_vector[c] += d_score * t;
  }
}

CLONED static void NAME(additive_scores_backward)(
    const ELEMENT *query, int64_t query_stride, const ELEMENT *key, int64_t key_stride, const float *vector,
    const ELEMENT *d_scores, int64_t stride, float *d_query, float *d_key, float *d_vector, int64_t queries,
    int64_t keys, int64_t columns) {
  memset(d_query, 0, (size_t)(queries * columns) * sizeof(float));
  for (int64_t q = 0; q < queries; q++)
    for (int64_t k = 0; k < keys; k++)
      NAME(additive_score_backward)(
          query + q * query_stride, key + k * key_stride, vector, LOAD(d_scores[q * stride + k]),
          d_query + q * columns, d_key + k * columns, d_vector, columns);
}
