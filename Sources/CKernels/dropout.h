// Private: the keyed dropout mask, in runs of 128 elements.
#ifndef GRAFT_DROPOUT_H
#define GRAFT_DROPOUT_H

#include "kernels.h"
#include "vector_math.h"

#define DROPOUT_RUN 128

// Philox4x32-10 (Salmon et al., SC 2011) in 16 lanes: run j takes blocks 16 j … 16 j + 15, eight 16-bit
// draws each.
INLINE void dropout_run(const graft_dropout *dropout, uint64_t run, float *multipliers) {
  uint32_t x[16], y[16], z[16], w[16];
  for (int i = 0; i < 16; i++) {
    const uint64_t block = run * 16 + (uint64_t)i;
    x[i] = (uint32_t)block;
    y[i] = (uint32_t)(block >> 32);
    z[i] = 0;
    w[i] = 0;
  }
  uint32_t key0 = dropout->key0, key1 = dropout->key1;
  for (int round = 0; round < 10; round++) {
    for (int i = 0; i < 16; i++) {
      const uint64_t left = (uint64_t)x[i] * 0xD2511F53u, right = (uint64_t)z[i] * 0xCD9E8D57u;
      const uint32_t a = (uint32_t)(right >> 32) ^ y[i] ^ key0, c = (uint32_t)(left >> 32) ^ w[i] ^ key1;
      x[i] = a;
      y[i] = (uint32_t)right;
      z[i] = c;
      w[i] = (uint32_t)left;
    }
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  const uint32_t threshold = dropout->threshold;
  const float scale = dropout->scale;
  const uint32_t *words[4] = {x, y, z, w};
  for (int j = 0; j < 4; j++) {
    for (int i = 0; i < 16; i++) {
      multipliers[32 * j + i] = (words[j][i] & 0xffffu) < threshold ? 0.0f : scale;
      multipliers[32 * j + 16 + i] = (words[j][i] >> 16) < threshold ? 0.0f : scale;
    }
  }
}

#endif
