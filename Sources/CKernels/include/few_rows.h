// Products of few rows with a matrix whose columns lie in memory.
#ifndef GRAFT_FEW_ROWS_H
#define GRAFT_FEW_ROWS_H

#include <stdint.h>

#include "helpers.h"

// C[m, n] = A[m, k] B[k, n], summed in f32; `element` is the type of A and B, `result` that of C, 0 for f32 and 1 for bf16.
// Rows of A are a_row elements apart, columns of B b_column, rows of C c_row; along k both lie together. A row of C is the
// same to the bit whatever the other rows are and however many, and whoever helps; `helpers` may be NULL.
void graft_multiply_few_rows(
    int element, int result, int64_t m, int64_t n, int64_t k, const void *a, int64_t a_row, const void *b,
    int64_t b_column, void *c, int64_t c_row, graft_helpers *helpers);

#endif
