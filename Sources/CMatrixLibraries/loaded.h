// Private to this target: the functions found by dlopen.
#ifndef GRAFT_LOADED_H
#define GRAFT_LOADED_H

#include <stdbool.h>
#include <stddef.h>

typedef void (*graft_sgemm)(
    int order, int trans_a, int trans_b, int m, int n, int k, float alpha, const float *a, int lda,
    const float *b, int ldb, float beta, float *c, int ldc);

typedef struct {
  graft_sgemm sgemm;
  void (*omp_set_num_threads)(int);
} graft_loaded_functions;

extern graft_loaded_functions graft_loaded;

// True if oneDNN 2 was found; its version goes to `version`.
bool graft_load_onednn(char *version, size_t size);

#endif
