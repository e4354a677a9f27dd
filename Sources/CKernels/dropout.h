// Private: the keyed dropout mask, in runs of 128 elements.
#ifndef GRAFT_DROPOUT_H
#define GRAFT_DROPOUT_H

#include "kernels.h"
#include "vector_math.h"

#define DROPOUT_RUN 128

// Philox4x32-10 (Salmon et al., SC 2011) in 16 lanes: run j takes blocks 16 j … 16 j + 15, eight 16-bit
// draws each.
INLINE void dropout_run(const graft_dropout *dropout, uint64_t run, float *multipliers) {
  // Words in 64-bit lanes, where the product of two is one instruction; what stands in the upper halves between
  // rounds is never read.
  uint64_t x[16], y[16], z[16], w[16];
  for (int i = 0; i < 16; i++) {
    const uint64_t block = run * 16 + (uint64_t)i;
    x[i] = block;
    y[i] = block >> 32;
    z[i] = 0;
    w[i] = 0;
  }
  uint32_t key0 = dropout->key0, key1 = dropout->key1;
  for (int round = 0; round < 10; round++) {
    for (int i = 0; i < 16; i++) {
      const uint64_t left = (x[i] & 0xffffffffu) * 0xD2511F53u, right = (z[i] & 0xffffffffu) * 0xCD9E8D57u;
      x[i] = (right >> 32) ^ y[i] ^ key0;
      y[i] = right;
      z[i] = (left >> 32) ^ w[i] ^ key1;
      w[i] = left;
    }
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  const uint32_t threshold = dropout->threshold;
  const float scale = dropout->scale;
  const uint64_t *words[4] = {x, y, z, w};
  for (int j = 0; j < 4; j++) {
    for (int i = 0; i < 16; i++) {
      const uint32_t word = (uint32_t)words[j][i];
      multipliers[32 * j + i] = (word & 0xffffu) < threshold ? 0.0f : scale;
      multipliers[32 * j + 16 + i] = (word >> 16) < threshold ? 0.0f : scale;
    }
  }
}

#endif
