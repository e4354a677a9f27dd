// The scores of additive attention, whose tanh makes them no product of matrices.
#include "additive.h"

#include "vector_math.h"

#define TEMPLATE "additive.template.h"
#include "both_elements.h"

void graft_additive_scores(
    int element, const void *query, int64_t query_stride, const void *key, int64_t key_stride, const float *vector,
    float *scores, int64_t stride, int64_t queries, int64_t keys, int64_t columns) {
  (element ? additive_scores_bf16(query, query_stride, key, key_stride, vector, scores, stride, queries, keys, columns)
           : additive_scores_f32(query, query_stride, key, key_stride, vector, scores, stride, queries, keys, columns));
}
void graft_additive_scores_backward(
    int element, const void *query, int64_t query_stride, const void *key, int64_t key_stride, const float *vector,
    const void *d_scores, int64_t stride, float *d_query, float *d_key, float *d_vector, int64_t queries, int64_t keys,
    int64_t columns) {
  (element ? additive_scores_backward_bf16(
                 query, query_stride, key, key_stride, vector, d_scores, stride, d_query, d_key, d_vector, queries,
                 keys, columns)
           : additive_scores_backward_f32(
                 query, query_stride, key, key_stride, vector, d_scores, stride, d_query, d_key, d_vector, queries,
                 keys, columns));
}
