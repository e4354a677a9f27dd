// Co-occurrence counts of tokens and their factorisation; see CooccurrenceEmbedding.swift.
#ifndef GRAFT_COOCCURRENCE_H
#define GRAFT_COOCCURRENCE_H

#include <stdint.h>

// counts[a * vocabulary + b] += 1 for every token b that follows a by 1 … window places.
void graft_count_pairs(
    const int32_t *tokens, int64_t count, int32_t window, int64_t vocabulary, uint32_t *counts);

// Turns one-sided counts [V, V] into smoothed positive pointwise mutual information, f32 in the same memory:
// max(0, log(n_ab / (n_a p_b))) with n = counts + counts^T, n_a its row sums and p_b proportional to
// n_b^0.75. Also gives the row sums [V].
void graft_positive_mutual_information(void *matrix, double *row_sums, int64_t vocabulary);

// Makes the rows of q [rows, columns] orthonormal, first to last (modified Gram-Schmidt, twice). A row that
// lies in the span of the earlier ones becomes zero.
void graft_orthonormalize_rows(float *q, int64_t rows, int64_t columns);

#endif
