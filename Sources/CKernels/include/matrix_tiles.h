// Products of bf16 matrices on Intel's AMX tiles.
#ifndef GRAFT_MATRIX_TILES_H
#define GRAFT_MATRIX_TILES_H

#include <stdbool.h>
#include <stdint.h>

// Whether this processor and this system have them and GRAFT_ISA does not leave them out.
bool graft_tiles_available(void);

// Whether this processor has them and they are left out because GRAFT_ISA is avx512.
bool graft_tiles_left_out(void);

// Memory for packed operands; belongs to one thread.
typedef struct graft_tile_context graft_tile_context;
graft_tile_context *graft_tile_context_create(void);
void graft_tile_context_destroy(graft_tile_context *context);

// C[m, n] = A[m, k] B[k, n], or C += A B for f32 results; all of m, n, k positive. One of the strides of A and of B is
// 1; C has rows `c_row` elements apart and the element type `element` (0 f32, 1 bf16). False if memory ran out.
bool graft_tile_multiply(
    graft_tile_context *context, int64_t m, int64_t n, int64_t k, const void *a, int64_t a_row, int64_t a_column,
    const void *b, int64_t b_row, int64_t b_column, void *c, int64_t c_row, int element, bool accumulate);

#endif
