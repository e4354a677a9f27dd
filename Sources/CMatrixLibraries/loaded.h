// Private to this target: the functions found by dlopen.
#ifndef GRAFT_LOADED_H
#define GRAFT_LOADED_H

#include <stdbool.h>
#include <stddef.h>

#include "CMatrixLibraries.h"

typedef void (*graft_sgemm)(
    int order, int trans_a, int trans_b, int m, int n, int k, float alpha, const float *a, int lda,
    const float *b, int ldb, float beta, float *c, int ldc);

typedef struct {
  graft_sgemm sgemm;
  void (*omp_set_num_threads)(int);
} graft_loaded_functions;

extern graft_loaded_functions graft_loaded;

// Does a product without elements or without terms, which the libraries do not take (oneDNN 2.6 divides by
// zero): an empty sum is zero, and an empty result nothing to do. False if there is a product to compute.
bool graft_empty_product(const graft_product *product, void *c);

// True if oneDNN 2 was found; its version goes to `version`.
bool graft_load_onednn(char *version, size_t size);

#endif
