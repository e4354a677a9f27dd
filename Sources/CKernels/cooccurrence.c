#include "cooccurrence.h"

#include "vector_math.h"

void graft_count_pairs(
    const int32_t *tokens, int64_t count, int32_t window, int64_t vocabulary, uint32_t *counts) {
  for (int64_t i = 0; i < count; i++) {
    uint32_t *row = counts + tokens[i] * vocabulary;
    const int64_t end = i + window < count - 1 ? i + window : count - 1;
    for (int64_t j = i + 1; j <= end; j++) row[tokens[j]]++;
  }
}

// Tiles, so that the transposed reads stay in cache.
static void add_transpose(uint32_t *counts, int64_t vocabulary) {
  enum { TILE = 64 };
  for (int64_t top = 0; top < vocabulary; top += TILE)
    for (int64_t left = top; left < vocabulary; left += TILE)
      for (int64_t a = top; a < vocabulary && a < top + TILE; a++)
        for (int64_t b = left > a ? left : a; b < vocabulary && b < left + TILE; b++) {
          const uint32_t sum = counts[a * vocabulary + b] + counts[b * vocabulary + a];
          counts[a * vocabulary + b] = sum;
          counts[b * vocabulary + a] = sum;
        }
}

void graft_positive_mutual_information(void *matrix, double *row_sums, int64_t vocabulary) {
  add_transpose(matrix, vocabulary);
  const char *bytes = matrix;
  double smoothed = 0;
  for (int64_t a = 0; a < vocabulary; a++) {
    double sum = 0;
    for (int64_t b = 0; b < vocabulary; b++) {
      uint32_t n;
      memcpy(&n, bytes + (a * vocabulary + b) * 4, 4);
      sum += n;
    }
    row_sums[a] = sum;
    smoothed += pow(sum, 0.75);
  }
  for (int64_t a = 0; a < vocabulary; a++)
    for (int64_t b = 0; b < vocabulary; b++) {
      char *cell = (char *)matrix + (a * vocabulary + b) * 4;
      uint32_t n;
      memcpy(&n, cell, 4);
      float information = 0;
      if (n > 0) {
        const double expected = row_sums[a] * (pow(row_sums[b], 0.75) / smoothed);
        information = (float)fmax(0, log(n / expected));
      }
      memcpy(cell, &information, 4);
    }
}

CLONED static double dot(const float *restrict x, const float *restrict y, int64_t n) {
  REASSOCIATE
  double sum = 0;
  for (int64_t i = 0; i < n; i++) sum += (double)x[i] * (double)y[i];
  return sum;
}

CLONED static void subtract_multiple(float *restrict x, const float *restrict y, float factor, int64_t n) {
  for (int64_t i = 0; i < n; i++) x[i] -= factor * y[i];
}

CLONED static void scale(float *x, float factor, int64_t n) {
  for (int64_t i = 0; i < n; i++) x[i] *= factor;
}

void graft_orthonormalize_rows(float *q, int64_t rows, int64_t columns) {
  for (int64_t i = 0; i < rows; i++) {
    float *row = q + i * columns;
    const double before = sqrt(dot(row, row, columns));
    // Once is not enough where little of the row is left.
    for (int pass = 0; pass < 2; pass++)
      for (int64_t j = 0; j < i; j++) {
        const float *earlier = q + j * columns;
        subtract_multiple(row, earlier, (float)dot(row, earlier, columns), columns);
      }
    const double norm = sqrt(dot(row, row, columns));
    scale(row, norm > 1e-5 * before ? (float)(1 / norm) : 0.0f, columns);
  }
}
