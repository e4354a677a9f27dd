#include "word_vectors.h"

#include "lanes.h"

// Products of two inputs with four outputs at a time; what stands beyond the last one is a row twice.
INLINE void products(
    float *const *inputs, int32_t input_count, float *const *outputs, int32_t output_count, int64_t vectors,
    float *result, int32_t stride) {
  for (int32_t i = 0; i < input_count; i += 2) {
    const lanes *a = (const lanes *)inputs[i];
    const lanes *b = (const lanes *)inputs[i + 1 < input_count ? i + 1 : i];
    for (int32_t j = 0; j < output_count; j += 4) {
      const lanes *y[4];
      for (int32_t k = 0; k < 4; k++) y[k] = (const lanes *)outputs[j + k < output_count ? j + k : j];
      lanes first[4] = {0}, second[4] = {0};
      for (int64_t v = 0; v < vectors; v++)
        for (int32_t k = 0; k < 4; k++) {
          first[k] += a[v] * y[k][v];
          second[k] += b[v] * y[k][v];
        }
      quarter sums[2];
      sums_of_four(first, sums);
      sums_of_four(second, sums + 1);
      memcpy(result + i * stride + j, sums, 16);
      memcpy(result + (i + 1) * stride + j, sums + 1, 16);
    }
  }
}

CLONED void graft_skip_gram_window(
    float *const *inputs, int32_t input_count, float *const *outputs, int32_t output_count, int64_t width, float rate,
    float *scratch, double *loss) {
  const int64_t vectors = width / 16;
  const int32_t stride = (output_count + 3) / 4 * 4;
  lanes *input_steps = (lanes *)scratch, *output_steps = input_steps + input_count;
  float *factors = (float *)(output_steps + output_count);
  products(inputs, input_count, outputs, output_count, vectors, factors, stride);
  if (loss) {
    double sum = 0;
    for (int32_t i = 0; i < input_count; i++)
      for (int32_t j = 0; j < output_count; j++) {
        const double s = j == 0 ? factors[i * stride] : -factors[i * stride + j];
        sum += s > 0 ? log1p(exp(-s)) : log1p(exp(s)) - s;
      }
    *loss += sum;
  }
  const int32_t count = input_count * stride;
  for (int32_t p = 0; p < count; p++) factors[p] = -rate * logistic(factors[p]);
  for (int32_t i = 0; i < input_count; i++) factors[i * stride] += rate;
  for (int64_t v = 0; v < vectors; v++) {
    for (int32_t i = 0; i < input_count; i++) {
      lanes step = {0};
      for (int32_t j = 0; j < output_count; j++) step += ((const lanes *)outputs[j])[v] * factors[i * stride + j];
      input_steps[i] = step;
    }
    for (int32_t j = 0; j < output_count; j++) {
      lanes step = {0};
      for (int32_t i = 0; i < input_count; i++) step += ((const lanes *)inputs[i])[v] * factors[i * stride + j];
      output_steps[j] = step;
    }
    for (int32_t i = 0; i < input_count; i++) ((lanes *)inputs[i])[v] += input_steps[i];
    for (int32_t j = 0; j < output_count; j++) ((lanes *)outputs[j])[v] += output_steps[j];
  }
}

CLONED void graft_add_differences(float *row, const float *const *copies, int32_t count, int64_t width) {
  if (count == 1) {
    memcpy(row, copies[0], (size_t)width * 4);
    return;
  }
  for (int64_t v = 0; v < width / 16; v++) {
    const lanes before = ((const lanes *)row)[v];
    lanes sum = before;
    for (int32_t s = 0; s < count; s++) sum += ((const lanes *)copies[s])[v] - before;
    ((lanes *)row)[v] = sum;
  }
}

CLONED void graft_glove_cells(
    const graft_cell *cells, int64_t count, float *rows, float *row_squares, float *columns, float *column_squares,
    int64_t size, int64_t width, float rate, double *loss) {
  double total = 0;
  for (int64_t n = 0; n < count; n++) {
    const int64_t a = cells[n].row * width, b = cells[n].column * width;
    float *w = rows + a, *v = columns + b, *ws = row_squares + a, *vs = column_squares + b;
    const float row_bias = w[size], column_bias = v[size];
    // The biases are no part of the product, and each has a gradient of 1.
    w[size] = 1;
    v[size] = 1;
    lanes sums[4] = {0};
    for (int64_t d = 0; d < width / 16; d++) sums[0] += ((const lanes *)w)[d] * ((const lanes *)v)[d];
    quarter product;
    sums_of_four(sums, &product);
    const float difference = product[0] - 1 + row_bias + column_bias - cells[n].logarithm;
    const float factor = cells[n].weight * difference;
    total += 0.5 * (double)factor * (double)difference;
    const float scaled = rate * factor;
    for (int64_t d = 0; d < width; d++) {
      const float x = w[d], y = v[d], gx = scaled * y, gy = scaled * x;
      w[d] = x - gx / sqrtf(ws[d]);
      v[d] = y - gy / sqrtf(vs[d]);
      ws[d] += gx * gx;
      vs[d] += gy * gy;
    }
    w[size] += row_bias - 1;
    v[size] += column_bias - 1;
  }
  *loss += total;
}
