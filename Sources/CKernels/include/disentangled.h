#ifndef GRAFT_DISENTANGLED_H
#define GRAFT_DISENTANGLED_H

#include <stdint.h>

// Disentangled attention (He et al. 2021) adds to the score of a query and a key what the query has to do with how far
// it is behind the key, and the key with the same: scores[q, k] += query_terms[q, r] + key_terms[k, r], where r is
// row_of_distance[q - k] (the pointer is to the element for q == k). Terms are [queries, rows] and [keys, rows].
void graft_add_disentangled(
    float *scores, int64_t stride, int64_t queries, int64_t keys, const float *query_terms, const float *key_terms,
    int64_t rows, const int32_t *row_of_distance);
// The gradients of both terms are added to.
void graft_add_disentangled_backward(
    const float *d_scores, int64_t stride, int64_t queries, int64_t keys, float *d_query_terms, float *d_key_terms,
    int64_t rows, const int32_t *row_of_distance);

#endif
