// Products of bf16 matrices on AMX tiles.
//
// Letters: C [m, n] (+)= A [m, k] B [k, n]. A block of C is 32 × 32, four tiles. B is packed as a whole into panels of 32
// columns, so that what a block reads of it lies together. The summed dimension is cut into lengths that keep a
// block's rows of A in the first cache and a cut of B in the second; the rows of C into bands whose sums stay in the
// second cache while the cuts go by.
#include "matrix_tiles.h"

#include "tiles.h"

#include <stdlib.h>

#ifdef GRAFT_HAS_TILES

#include <cpuid.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define WIDE __attribute__((target("amx-tile,amx-bf16,avx512f,avx512bw,avx512vl,avx512dq,avx512bf16")))

enum { BLOCK = 32, CUT = 512, BAND = 256, GROUP = 256, AHEAD = 16, PANELS_AHEAD = 4 };

static bool processor_has_tiles(void) {
  unsigned a, b, c, d = 0;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (d >> 22 & 1) && (d >> 24 & 1);
}

bool graft_tiles_left_out(void) {
  const char *limit = getenv("GRAFT_ISA");
  return limit && strcmp(limit, "avx512") == 0 && processor_has_tiles();
}

bool graft_tiles_available(void) {
  static _Atomic int known;  // 0 unknown, 1 yes, 2 no
  if (known == 0) {
    // Linux gives a process the tile registers when it asks (ARCH_REQ_XCOMP_PERM for XTILEDATA).
    known = processor_has_tiles() && !graft_tiles_left_out() && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512bf16")
                && syscall(SYS_arch_prctl, 0x1023, 18) == 0
        ? 1
        : 2;
  }
  return known == 1;
}

struct graft_tile_context {
  char *memory;
  int64_t capacity;
};

graft_tile_context *graft_tile_context_create(void) { return calloc(1, sizeof(graft_tile_context)); }

void graft_tile_context_destroy(graft_tile_context *context) {
  if (!context) return;
  free(context->memory);
  free(context);
}

INLINE __mmask32 first(int64_t n) { return n >= 32 ? ~(__mmask32)0 : n <= 0 ? 0 : ((__mmask32)1 << n) - 1; }

// Panels of B for rows `from` … `from + length` (zeros from k on), where B is stored by rows. A few panels at a time, so
// that whole lines of a row are read one after another.
WIDE static void pack_rows_of_b(
    const bf16 *b, int64_t stride, int64_t k, int64_t n, int64_t from, int64_t length, uint32_t *packed) {
  for (int64_t group = 0; group < n; group += GROUP)
    for (int64_t p = 0; p < length; p += 2)
      for (int64_t j = group; j < n && j < group + GROUP; j += BLOCK) {
        const __mmask32 columns = first(n - j);
        const bf16 *row = b + (from + p) * stride + j;
        uint32_t *out = packed + (j * length + p * BLOCK) / 2;
        if (from + p + AHEAD < k) {
          _mm_prefetch((const char *)(row + AHEAD * stride), _MM_HINT_T0);
          _mm_prefetch((const char *)(row + (AHEAD + 1) * stride), _MM_HINT_T0);
        }
        const __m512i x = from + p < k ? _mm512_maskz_loadu_epi16(columns, row) : _mm512_setzero_si512();
        const __m512i y =
            from + p + 1 < k ? _mm512_maskz_loadu_epi16(columns, row + stride) : _mm512_setzero_si512();
        _mm512_storeu_si512(out, interleave(x, y, 0));
        _mm512_storeu_si512(out + TILE, interleave(x, y, 1));
      }
}

// The same where B is stored by columns.
WIDE static void pack_columns_of_b(
    const bf16 *b, int64_t stride, int64_t k, int64_t n, int64_t from, int64_t length, uint32_t *packed) {
  for (int64_t j = 0; j < up(n, BLOCK); j += TILE)
    for (int64_t p = 0; p < length; p += PAIRED) {
      const __mmask32 rows = first(k - from - p);
      const bf16 *column = b + j * stride + from + p;
      uint32_t *out = packed + (j / BLOCK * BLOCK * length + p * BLOCK) / 2 + j % BLOCK;
      __m512i block[TILE];
      for (int i = 0; i < TILE; i++) {
        if (j + TILE + i < n) _mm_prefetch((const char *)(column + (TILE + i) * stride), _MM_HINT_T0);
        block[i] = j + i < n ? _mm512_maskz_loadu_epi16(rows, column + i * stride) : _mm512_setzero_si512();
      }
      transpose_lanes(block);
      for (int i = 0; i < TILE; i++) _mm512_storeu_si512(out + i * BLOCK, block[i]);
    }
}

// 32 rows of A from row i, columns `from` … `from + length` (zeros from m and k on), where A is stored by rows.
WIDE static void copy_rows(
    const bf16 *a, int64_t stride, int64_t m, int64_t k, int64_t i, int64_t from, int64_t length, bf16 *out) {
  for (int64_t r = 0; r < BLOCK; r++)
    for (int64_t p = 0; p < length; p += PAIRED)
      _mm512_storeu_si512(
          out + p * BLOCK + r * PAIRED,
          i + r < m ? _mm512_maskz_loadu_epi16(first(k - from - p), a + (i + r) * stride + from + p)
                    : _mm512_setzero_si512());
}

// 16 rows of a block of A, the lower or upper half, from the columns it is stored in: 32 of them, `stride` apart.
WIDE static inline void transpose_half(const bf16 *columns, int64_t stride, int half, bf16 *out) {
  __m512i block[TILE];
#pragma clang loop unroll(full)
  for (int q = 0; q < TILE; q++) {
    const bf16 *column = columns + 2 * q * stride;
    block[q] = interleave(_mm512_loadu_si512(column), _mm512_loadu_si512(column + stride), half);
  }
  transpose_lanes(block);
#pragma clang loop unroll(full)
  for (int r = 0; r < TILE; r++) _mm512_storeu_si512(out + r * PAIRED, block[r]);
}

// The rows of a band of A, block by block, columns `from` … `from + length`, where A is stored by columns. They pass
// through a copy that ends in zeros and whose rows do not take turns in the same lines of the cache.
WIDE static void transpose_band(
    const bf16 *a, int64_t stride, int64_t m, int64_t k, int64_t band, int64_t from, int64_t length, bf16 *out) {
  enum { APART = BAND + PAIRED };
  bf16 copy[PAIRED * APART] __attribute__((aligned(64)));
  const int64_t rows = m - band < BAND ? m - band : BAND;
  for (int64_t p = 0; p < length; p += PAIRED) {
    for (int64_t q = 0; q < PAIRED; q++) {
      const int64_t row = from + p + q;
      const bf16 *column = a + row * stride + band;
      bf16 *out_row = copy + q * APART;
      if (row >= k) {
        memset(out_row, 0, BAND * sizeof(bf16));
        continue;
      }
      if (row + PAIRED < k)
        for (int64_t i = 0; i < rows; i += BLOCK)
          _mm_prefetch((const char *)(column + PAIRED * stride + i), _MM_HINT_T1);
      int64_t i = 0;
      for (; i + BLOCK <= rows; i += BLOCK) _mm512_store_si512(out_row + i, _mm512_loadu_si512(column + i));
      if (i < rows) _mm512_store_si512(out_row + i, _mm512_maskz_loadu_epi16(first(rows - i), column + i));
    }
    for (int64_t i = 0; i < rows; i += BLOCK) {
      transpose_half(copy + i, APART, 0, out + i * length + p * BLOCK);
      transpose_half(copy + i, APART, 1, out + i * length + p * BLOCK + TILE * PAIRED);
    }
  }
}

// sums [32, 32] (+)= a [32, length] panel. The tiles of a follow each other `a_step` apart, their rows `a_stride`.
WIDE static void multiply_block(
    const bf16 *a, int64_t a_stride, int64_t a_step, const uint32_t *panel, int64_t length, float *sums,
    int64_t stride, bool add) {
  float *below = sums + TILE * stride;
  if (add) {
    _tile_loadd(0, sums, stride * 4);
    _tile_loadd(1, sums + TILE, stride * 4);
    _tile_loadd(2, below, stride * 4);
    _tile_loadd(3, below + TILE, stride * 4);
  } else {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
  }
  for (int64_t p = 0; p < length; p += PAIRED, a += a_step, panel += PAIRED / 2 * BLOCK) {
    _tile_loadd(4, a, a_stride * 2);
    _tile_loadd(6, panel, BLOCK * 4);
    _tile_loadd(7, panel + TILE, BLOCK * 4);
    _tile_dpbf16ps(0, 4, 6);
    _tile_loadd(5, a + TILE * a_stride, a_stride * 2);
    _tile_dpbf16ps(1, 4, 7);
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(3, 5, 7);
  }
  _tile_stored(0, sums, stride * 4);
  _tile_stored(1, sums + TILE, stride * 4);
  _tile_stored(2, below, stride * 4);
  _tile_stored(3, below + TILE, stride * 4);
}

// The part of a block of sums that lies inside C.
WIDE static void store_block(
    const float *sums, void *c, int64_t c_stride, int64_t rows, int64_t columns, int element) {
  const __mmask32 inside = first(columns);
  for (int64_t r = 0; r < (rows < BLOCK ? rows : BLOCK); r++) {
    const __m512 x = _mm512_loadu_ps(sums + r * BLOCK), y = _mm512_loadu_ps(sums + r * BLOCK + TILE);
    if (element) {
      _mm512_mask_storeu_epi16((bf16 *)c + r * c_stride, inside, (__m512i)_mm512_cvtne2ps_pbh(y, x));
    } else {
      _mm512_mask_storeu_ps((float *)c + r * c_stride, (__mmask16)inside, x);
      _mm512_mask_storeu_ps((float *)c + r * c_stride + TILE, (__mmask16)(inside >> TILE), y);
    }
  }
}

WIDE static void load_block(const float *c, int64_t c_stride, int64_t rows, int64_t columns, float *sums) {
  const __mmask32 inside = first(columns);
  for (int64_t r = 0; r < BLOCK; r++) {
    const __mmask32 mask = r < rows ? inside : 0;
    _mm512_storeu_ps(sums + r * BLOCK, _mm512_maskz_loadu_ps((__mmask16)mask, c + r * c_stride));
    _mm512_storeu_ps(
        sums + r * BLOCK + TILE, _mm512_maskz_loadu_ps((__mmask16)(mask >> TILE), c + r * c_stride + TILE));
  }
}

// What a later block will be written to; past the last column, in the rows below.
WIDE static void prefetch_block(
    const void *c, int64_t c_row, int64_t m, int64_t n, int64_t i, int64_t j, int element) {
  if (j >= n) {
    i += BLOCK;
    j %= BLOCK * ((n + BLOCK - 1) / BLOCK);
  }
  const int64_t size = element ? 2 : 4;
  for (int64_t r = i; r < i + BLOCK && r < m; r++) {
    const char *row = (const char *)c + (r * c_row + j) * size;
    __builtin_prefetch(row, 1);
    if (!element) __builtin_prefetch(row + 64, 1);
  }
}

static bool reserve(graft_tile_context *context, int64_t bytes) {
  if (context->capacity >= bytes) return true;
  free(context->memory);
  context->capacity = up(bytes, 1 << 21);
  context->memory = aligned_alloc(1 << 21, (size_t)context->capacity);
  if (!context->memory) context->capacity = 0;
  return context->memory != NULL;
}

WIDE bool graft_tile_multiply(
    graft_tile_context *context, int64_t m, int64_t n, int64_t k, const void *a, int64_t a_row, int64_t a_column,
    const void *b, int64_t b_row, int64_t b_column, void *c, int64_t c_row, int element, bool accumulate) {
  const int64_t wide = up(n, BLOCK), deep = up(k, PAIRED);
  const int64_t longest = deep < CUT ? deep : CUT, band_rows = m < BAND ? up(m, BLOCK) : BAND;
  if (!reserve(context, (wide * deep + band_rows * longest) * 2 + band_rows * wide * 4 + 256)) return false;
  uint32_t *packed = (uint32_t *)context->memory;
  bf16 *rows_of_a = (bf16 *)(packed + wide * deep / 2);
  float *sums = (float *)((char *)rows_of_a + band_rows * longest * 2);
  for (int64_t from = 0; from < deep; from += CUT) {
    const int64_t length = deep - from < CUT ? deep - from : CUT;
    if (b_column == 1)
      pack_rows_of_b(b, b_row, k, n, from, length, packed + from * wide / 2);
    else
      pack_columns_of_b(b, b_column, k, n, from, length, packed + from * wide / 2);
  }
  configure_tiles();
  for (int64_t band = 0; band < m; band += BAND)
    for (int64_t from = 0; from < deep; from += CUT) {
      const int64_t length = deep - from < CUT ? deep - from : CUT;
      const bool is_first = from == 0, is_last = from + length == deep;
      if (a_column != 1) transpose_band(a, a_column, m, k, band, from, length, rows_of_a);
      for (int64_t i = band; i < m && i < band + BAND; i += BLOCK) {
        const int64_t rows = m - i;
        const bf16 *block = rows_of_a;
        int64_t stride = PAIRED, step = BLOCK * PAIRED;
        if (a_column != 1) {
          block = rows_of_a + (i - band) * length;
        } else if (rows < BLOCK || from + length > k || a_row % 2048 == 0) {
          // Rows a multiple of 4096 bytes apart would take turns in the same few lines of the cache.
          copy_rows(a, a_row, m, k, i, from, length, rows_of_a);
        } else {
          block = (const bf16 *)a + i * a_row + from;
          stride = a_row;
          step = PAIRED;
        }
        for (int64_t j = 0; j < n; j += BLOCK) {
          const int64_t columns = n - j;
          const uint32_t *panel = packed + (from * wide + j * length) / 2;
          float *out = (float *)c + i * c_row + j;
          prefetch_block(c, c_row, m, n, i, j + PANELS_AHEAD * BLOCK, element);
          if (!element && rows >= BLOCK && columns >= BLOCK) {
            multiply_block(block, stride, step, panel, length, out, c_row, accumulate || !is_first);
            continue;
          }
          // Sums of a band wait in memory of their own; one block at a time if there is only one cut.
          float *own = is_first && is_last ? sums : sums + (i - band) * wide + j * BLOCK;
          if (accumulate && is_first) load_block(out, c_row, rows, columns, own);
          multiply_block(block, stride, step, panel, length, own, BLOCK, accumulate || !is_first);
          if (is_last) {
            void *end = element ? (void *)((bf16 *)c + i * c_row + j) : (void *)out;
            store_block(own, end, c_row, rows, columns, element);
          }
        }
      }
    }
  _tile_release();
  return true;
}

#else

bool graft_tiles_available(void) { return false; }
bool graft_tiles_left_out(void) { return false; }
graft_tile_context *graft_tile_context_create(void) { return 0; }
void graft_tile_context_destroy(graft_tile_context *context) { (void)context; }
bool graft_tile_multiply(
    graft_tile_context *context, int64_t m, int64_t n, int64_t k, const void *a, int64_t a_row, int64_t a_column,
    const void *b, int64_t b_row, int64_t b_column, void *c, int64_t c_row, int element, bool accumulate) {
  (void)context, (void)m, (void)n, (void)k, (void)a, (void)a_row, (void)a_column, (void)b, (void)b_row;
  (void)b_column, (void)c, (void)c_row, (void)element, (void)accumulate;
  return false;
}

#endif
