// Private: what the kernels on AMX tiles share. A tile holds 16 rows of 64 bytes. The right operand of a tile product
// wants pairs of bf16 that follow each other along the summed dimension in one 32-bit lane; "packed" means rows of such
// pairs.
#ifndef GRAFT_TILES_H
#define GRAFT_TILES_H

#include "kernels.h"
#include "vector_math.h"

#if defined(__x86_64__) && defined(__linux__) && defined(__clang__)
#define GRAFT_HAS_TILES

#include <immintrin.h>

#define TILES __attribute__((target("amx-tile,amx-bf16,avx512f,avx512bw,avx512vl,avx512dq")))

enum { TILE = 16, PAIRED = 32 };  // rows of a tile; bf16 of a tile's row

INLINE int64_t up(int64_t n, int64_t multiple) { return (n + multiple - 1) / multiple * multiple; }

TILES static inline void configure_tiles(void) {
  struct {
    uint8_t palette, start_row, reserved[14];
    uint16_t bytes_per_row[16];
    uint8_t rows[16];
  } configuration = {.palette = 1};
  for (int i = 0; i < 8; i++) {
    configuration.bytes_per_row[i] = 64;
    configuration.rows[i] = TILE;
  }
  _tile_loadconfig(&configuration);
}

// 16 × 16 transpose of 32-bit lanes.
TILES static inline void transpose_lanes(__m512i r[16]) {
  __m512i t[16];
#pragma clang loop unroll(full)
  for (int i = 0; i < 8; i++) {
    t[2 * i] = _mm512_unpacklo_epi32(r[2 * i], r[2 * i + 1]);
    t[2 * i + 1] = _mm512_unpackhi_epi32(r[2 * i], r[2 * i + 1]);
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < 4; i++) {
    r[4 * i] = _mm512_unpacklo_epi64(t[4 * i], t[4 * i + 2]);
    r[4 * i + 1] = _mm512_unpackhi_epi64(t[4 * i], t[4 * i + 2]);
    r[4 * i + 2] = _mm512_unpacklo_epi64(t[4 * i + 1], t[4 * i + 3]);
    r[4 * i + 3] = _mm512_unpackhi_epi64(t[4 * i + 1], t[4 * i + 3]);
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < 4; i++) {
    t[i] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0x88);
    t[i + 4] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0xdd);
    t[i + 8] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0x88);
    t[i + 12] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0xdd);
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < 4; i++) {
    r[i] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0x88);
    r[i + 8] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0xdd);
    r[i + 4] = _mm512_shuffle_i32x4(t[i + 4], t[i + 12], 0x88);
    r[i + 12] = _mm512_shuffle_i32x4(t[i + 4], t[i + 12], 0xdd);
  }
}

// a0 b0 a1 b1 … of the lower (half 0) or upper sixteen values of a and b.
TILES static inline __m512i interleave(__m512i a, __m512i b, int half) {
  const __m512i first = _mm512_set_epi16(
      47, 15, 46, 14, 45, 13, 44, 12, 43, 11, 42, 10, 41, 9, 40, 8, 39, 7, 38, 6, 37, 5, 36, 4, 35, 3, 34, 2, 33,
      1, 32, 0);
  const __m512i index = half ? _mm512_add_epi16(first, _mm512_set1_epi16(16)) : first;
  return _mm512_permutex2var_epi16(a, index, b);
}

// x [rows, d], packed along d as the right operand of a product with xᵀ: [d / 2][columns], columns a multiple of 16.
TILES static inline void pack_transposed(
    const bf16 *x, int64_t stride, int64_t rows, int64_t d, uint32_t *packed, int64_t columns) {
  for (int64_t j = 0; j < columns; j += TILE)
    for (int64_t c = 0; c < d; c += PAIRED) {
      __m512i block[16];
      for (int i = 0; i < 16; i++)
        block[i] = j + i < rows ? _mm512_loadu_si512(x + (j + i) * stride + c) : _mm512_setzero_si512();
      transpose_lanes(block);
      for (int i = 0; i < 16; i++) _mm512_storeu_si512(packed + (c / 2 + i) * columns + j, block[i]);
    }
}

// x [rows, d], packed along its rows, of which there are `padded` with zeros: [padded / 2][d].
TILES static inline void pack_rows(
    const bf16 *x, int64_t stride, int64_t rows, int64_t d, uint32_t *packed, int64_t padded) {
  for (int64_t p = 0; p < padded / 2; p++)
    for (int64_t c = 0; c < d; c += PAIRED) {
      const bf16 *row = x + 2 * p * stride + c;
      const __m512i a = 2 * p < rows ? _mm512_loadu_si512(row) : _mm512_setzero_si512();
      const __m512i b = 2 * p + 1 < rows ? _mm512_loadu_si512(row + stride) : _mm512_setzero_si512();
      _mm512_storeu_si512(packed + p * d + c, interleave(a, b, 0));
      _mm512_storeu_si512(packed + p * d + c + 16, interleave(a, b, 1));
    }
}

// out [columns, rows] = xᵀ, rows a multiple of 32 and columns of 16.
TILES static inline void transpose(
    const bf16 *x, int64_t stride, bf16 *out, int64_t out_stride, int64_t rows, int64_t columns) {
  for (int64_t r = 0; r < rows; r += PAIRED)
    for (int64_t c = 0; c < columns; c += TILE) {
      __m512i block[16];
      for (int i = 0; i < 16; i++) {
        const bf16 *row = x + (r + 2 * i) * stride + c;
        const __m256i a = _mm256_loadu_si256((const __m256i *)row);
        const __m256i b = _mm256_loadu_si256((const __m256i *)(row + stride));
        block[i] = interleave(_mm512_castsi256_si512(a), _mm512_castsi256_si512(b), 0);
      }
      transpose_lanes(block);
      for (int i = 0; i < 16; i++) _mm512_storeu_si512(out + (c + i) * out_stride + r, block[i]);
    }
}

#endif

#endif
