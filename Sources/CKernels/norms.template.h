// Included once per element type by norms.c.

CLONED static void NAME(rms_norm)(
    const float *x, const float *restrict weight, float epsilon, ELEMENT *y, float *inverse, int64_t rows,
    int64_t columns) {
  REASSOCIATE
  for (int64_t r = 0; r < rows; r++) {
    const float *restrict a = x + r * columns;
    ELEMENT *restrict b = y + r * columns;
    float squares = 0;
    for (int64_t c = 0; c < columns; c++) squares += a[c] * a[c];
    const float s = 1.0f / sqrtf(squares / (float)columns + epsilon);
    inverse[r] = s;
    for (int64_t c = 0; c < columns; c++) b[c] = STORE(a[c] * s * weight[c]);
  }
}

// With g = dy * weight and s = 1 / rms: dx = s g - x s^3 mean(g x).
CLONED static void NAME(rms_norm_backward)(
    const float *x, const float *restrict weight, const float *inverse, const ELEMENT *dy, float *dx,
    bool accumulate, float *restrict d_weight, int64_t rows, int64_t columns) {
  REASSOCIATE
  for (int64_t r = 0; r < rows; r++) {
    const float *restrict a = x + r * columns;
    const ELEMENT *restrict d = dy + r * columns;
    float *restrict out = dx + r * columns;
    const float s = inverse[r];
    float dot = 0;
    for (int64_t c = 0; c < columns; c++) {
      dot += LOAD(d[c]) * weight[c] * a[c];
      d_weight[c] += LOAD(d[c]) * a[c] * s;
    }
    const float k = s * s * s * dot / (float)columns;
    if (accumulate)
      for (int64_t c = 0; c < columns; c++) out[c] += s * LOAD(d[c]) * weight[c] - k * a[c];
    else
      for (int64_t c = 0; c < columns; c++) out[c] = s * LOAD(d[c]) * weight[c] - k * a[c];
  }
}

CLONED static void NAME(normalize_heads)(
    ELEMENT *x, int64_t stride, float epsilon, float *inverse, int64_t rows, int64_t heads, int64_t d) {
  REASSOCIATE
  for (int64_t r = 0; r < rows; r++)
    for (int64_t h = 0; h < heads; h++) {
      ELEMENT *restrict a = x + r * stride + h * d;
      float squares = 0;
      for (int64_t c = 0; c < d; c++) squares += LOAD(a[c]) * LOAD(a[c]);
      const float s = 1.0f / sqrtf(squares / (float)d + epsilon);
      inverse[r * heads + h] = s;
      for (int64_t c = 0; c < d; c++) a[c] = STORE(LOAD(a[c]) * s);
    }
}

CLONED static void NAME(normalize_heads_backward)(
    const ELEMENT *y, const float *inverse, ELEMENT *dy, int64_t stride, int64_t rows, int64_t heads, int64_t d) {
  REASSOCIATE
  for (int64_t r = 0; r < rows; r++)
    for (int64_t h = 0; h < heads; h++) {
      const ELEMENT *restrict a = y + r * stride + h * d;
      ELEMENT *restrict b = dy + r * stride + h * d;
      float dot = 0;
      for (int64_t c = 0; c < d; c++) dot += LOAD(a[c]) * LOAD(b[c]);
      const float mean = dot / (float)d, s = inverse[r * heads + h];
      for (int64_t c = 0; c < d; c++) b[c] = STORE(s * (LOAD(b[c]) - mean * LOAD(a[c])));
    }
}

CLONED static void NAME(scale_heads)(
    ELEMENT *x, int64_t stride, const float *restrict gain, int64_t rows, int64_t heads, int64_t d) {
  for (int64_t r = 0; r < rows; r++)
    for (int64_t h = 0; h < heads; h++) {
      ELEMENT *restrict a = x + r * stride + h * d;
      for (int64_t c = 0; c < d; c++) a[c] = STORE(LOAD(a[c]) * gain[c]);
    }
}

CLONED static void NAME(scale_heads_backward)(
    const ELEMENT *x, const float *restrict gain, ELEMENT *dy, float *restrict d_gain, int64_t stride, int64_t rows,
    int64_t heads, int64_t d) {
  for (int64_t r = 0; r < rows; r++)
    for (int64_t h = 0; h < heads; h++) {
      const ELEMENT *restrict a = x + r * stride + h * d;
      ELEMENT *restrict b = dy + r * stride + h * d;
      for (int64_t c = 0; c < d; c++) {
        d_gain[c] += LOAD(a[c]) * LOAD(b[c]);
        b[c] = STORE(LOAD(b[c]) * gain[c]);
      }
    }
}

CLONED static void NAME(layer_norm)(
    const float *x, const float *restrict weight, const float *restrict bias, float epsilon, ELEMENT *y,
    float *mean, float *inverse, int64_t rows, int64_t columns) {
  REASSOCIATE
  for (int64_t r = 0; r < rows; r++) {
    const float *restrict a = x + r * columns;
    ELEMENT *restrict b = y + r * columns;
    float sum = 0;
    for (int64_t c = 0; c < columns; c++) sum += a[c];
    const float m = sum / (float)columns;
    float squares = 0;
    for (int64_t c = 0; c < columns; c++) squares += (a[c] - m) * (a[c] - m);
    const float s = 1.0f / sqrtf(squares / (float)columns + epsilon);
    mean[r] = m;
    inverse[r] = s;
    for (int64_t c = 0; c < columns; c++) b[c] = STORE((a[c] - m) * s * weight[c] + bias[c]);
  }
}

// With n = (x - mean) s and g = dy * weight: dx = s (g - mean(g) - n mean(g n)).
CLONED static void NAME(layer_norm_backward)(
    const float *x, const float *restrict weight, const float *mean, const float *inverse, const ELEMENT *dy,
    float *dx, bool accumulate, float *restrict d_weight, float *restrict d_bias, int64_t rows,
    int64_t columns) {
  REASSOCIATE
  for (int64_t r = 0; r < rows; r++) {
    const float *restrict a = x + r * columns;
    const ELEMENT *restrict d = dy + r * columns;
    float *restrict out = dx + r * columns;
    const float m = mean[r], s = inverse[r];
    float sum = 0, dot = 0;
    for (int64_t c = 0; c < columns; c++) {
      const float e = LOAD(d[c]), n = (a[c] - m) * s;
      sum += e * weight[c];
      dot += e * weight[c] * n;
      d_weight[c] += e * n;
      d_bias[c] += e;
    }
    sum /= (float)columns;
    dot /= (float)columns;
    if (accumulate)
      for (int64_t c = 0; c < columns; c++)
        out[c] += s * (LOAD(d[c]) * weight[c] - sum - (a[c] - m) * s * dot);
    else
      for (int64_t c = 0; c < columns; c++)
        out[c] = s * (LOAD(d[c]) * weight[c] - sum - (a[c] - m) * s * dot);
  }
}
