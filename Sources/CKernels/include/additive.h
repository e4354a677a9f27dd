#ifndef GRAFT_ADDITIVE_H
#define GRAFT_ADDITIVE_H

#include <stdint.h>

// The additive score of queries and keys (Bahdanau et al. 2015): scores[q, k] = sum over c of
// vector[c] * tanh(query[q, c] + key[k, c]). Rows of queries and keys are of the element type, `query_stride` and
// `key_stride` elements apart, those of the scores `stride`.
void graft_additive_scores(
    int element, const void *query, int64_t query_stride, const void *key, int64_t key_stride, const float *vector,
    float *scores, int64_t stride, int64_t queries, int64_t keys, int64_t columns);
// From d_scores in the element type: d_query [queries, columns] is overwritten, d_key [keys, columns] and
// d_vector [columns] are added to.
void graft_additive_scores_backward(
    int element, const void *query, int64_t query_stride, const void *key, int64_t key_stride, const float *vector,
    const void *d_scores, int64_t stride, float *d_query, float *d_key, float *d_vector, int64_t queries, int64_t keys,
    int64_t columns);

#endif
