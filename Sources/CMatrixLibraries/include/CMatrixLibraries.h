// Matrix products through libraries that are found at run time. Nothing here links against them: a machine
// without oneDNN still runs on OpenBLAS, and `graft doctor` says which was found.
#ifndef GRAFT_MATRIX_LIBRARIES_H
#define GRAFT_MATRIX_LIBRARIES_H

#include <stdbool.h>
#include <stdint.h>

typedef enum { GRAFT_F32 = 0, GRAFT_BF16 = 1 } graft_element;

// C[m,n] (+)= A[m,k] B[k,n]. An operand is given by the strides of its two logical dimensions, in elements;
// one of them must be 1. Transposition is a choice of strides. Over k = 0 terms the product is zero.
typedef struct {
  int64_t m, n, k;
  int64_t a_row, a_column;
  int64_t b_row, b_column;
  int64_t c_row;
  int32_t operand;     // graft_element of A and B
  int32_t result;      // graft_element of C
  int32_t accumulate;  // add to C (f32 results only)
  int32_t padding;     // zero, so that the struct can be hashed and compared as bytes
} graft_product;

// What could be loaded; strings live for ever. `core` is the kernel family OpenBLAS chose.
typedef struct {
  bool onednn;
  bool onednn_bf16;  // the processor has bf16 dot products, so that bf16 pays
  char onednn_version[32];
  bool openblas;
  char openblas_core[64];
} graft_matrix_libraries;

// Loads both libraries once (thread-safe). Sets OPENBLAS_CORETYPE beforehand where OpenBLAS would misdetect
// the processor, and DNNL_MAX_CPU_ISA where GRAFT_ISA leaves AMX out, unless the user has set them.
const graft_matrix_libraries *graft_matrix_libraries_load(void);

// oneDNN. A context belongs to the thread that made it: engine, stream and a cache of primitives by shape.
typedef struct graft_onednn_context graft_onednn_context;
graft_onednn_context *graft_onednn_context_create(void);
void graft_onednn_context_destroy(graft_onednn_context *context);
// 0, or oneDNN's status.
int graft_onednn_multiply(
    graft_onednn_context *context, const graft_product *product, const void *a, const void *b, void *c);
// Primitives in the cache, for tests that a steady step creates none.
int64_t graft_onednn_cached_primitives(const graft_onednn_context *context);

// OpenBLAS, f32 only, single-threaded.
void graft_openblas_multiply(const graft_product *product, const float *a, const float *b, float *c);

#endif
