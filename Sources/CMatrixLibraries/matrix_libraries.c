#include "CMatrixLibraries.h"

#include <cpuid.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loaded.h"

graft_loaded_functions graft_loaded;

static graft_matrix_libraries detected;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static bool has_avx512(void) {
  unsigned a, b, c, d;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return false;
  return (b >> 16) & 1;  // AVX512F
}

static bool has_bf16_products(void) {
  unsigned a, b, c, d;
  if (!__get_cpuid_count(7, 1, &a, &b, &c, &d)) return false;
  return (a >> 5) & 1;  // AVX512_BF16
}

static void *open_first(const char *const *names) {
  for (; *names; names++) {
    void *handle = dlopen(*names, RTLD_NOW | RTLD_LOCAL);
    if (handle) return handle;
  }
  return NULL;
}

static void load_openblas(void) {
  // OpenBLAS 0.3.21 takes recent cores (Zen 5, Sapphire Rapids) for Haswell and runs at half speed; see
  // Docs/PERFORMANCE.md.
  if (has_avx512()) setenv("OPENBLAS_CORETYPE", "SkylakeX", 0);
  const char *names[] = {"libopenblas.so.0", "libopenblas.so", NULL};
  void *handle = open_first(names);
  if (!handle) return;
  graft_loaded.sgemm = (graft_sgemm)dlsym(handle, "cblas_sgemm");
  void (*set_threads)(int) = (void (*)(int))dlsym(handle, "openblas_set_num_threads");
  char *(*core)(void) = (char *(*)(void))dlsym(handle, "openblas_get_corename");
  if (!graft_loaded.sgemm || !set_threads) return;
  set_threads(1);
  snprintf(detected.openblas_core, sizeof detected.openblas_core, "%s", core ? core() : "unknown");
  detected.openblas = true;
}

// oneDNN multiplies bf16 on AMX tiles where there are some, which GRAFT_ISA=avx512 asks to leave out.
static void limit_onednn(void) {
  const char *limit = getenv("GRAFT_ISA");
  if (limit && strcmp(limit, "avx512") == 0) setenv("DNNL_MAX_CPU_ISA", "AVX512_CORE_BF16", 0);
}

static void load_all(void) {
  load_openblas();
  limit_onednn();
  detected.onednn = graft_load_onednn(detected.onednn_version, sizeof detected.onednn_version);
  detected.onednn_bf16 = detected.onednn && has_bf16_products();
}

const graft_matrix_libraries *graft_matrix_libraries_load(void) {
  pthread_once(&once, load_all);
  return &detected;
}

bool graft_empty_product(const graft_product *p, void *c) {
  if (p->m > 0 && p->n > 0 && p->k > 0) return false;
  if (p->accumulate || p->n <= 0) return true;
  const size_t size = p->result == GRAFT_BF16 ? 2 : 4;
  for (int64_t row = 0; row < p->m; row++)
    memset((char *)c + (size_t)(row * p->c_row) * size, 0, (size_t)p->n * size);
  return true;
}

// A row or a column may have both strides 1; the library still wants leading dimensions that span a row.
static int leading(int64_t stride, int64_t columns) { return (int)(stride < columns ? columns : stride); }

void graft_openblas_multiply(const graft_product *p, const float *a, const float *b, float *c) {
  if (graft_empty_product(p, c)) return;
  enum { row_major = 101, plain = 111, transposed = 112 };
  const bool a_plain = p->a_column == 1, b_plain = p->b_column == 1;
  graft_loaded.sgemm(
      row_major, a_plain ? plain : transposed, b_plain ? plain : transposed, (int)p->m, (int)p->n, (int)p->k,
      1.0f, a, a_plain ? leading(p->a_row, p->k) : leading(p->a_column, p->m), b,
      b_plain ? leading(p->b_row, p->n) : leading(p->b_column, p->k), p->accumulate ? 1.0f : 0.0f, c,
      (int)p->c_row);
}
