// Included once per element type by sequences.c.

INLINE void NAME(rotate_head)(
    ELEMENT *restrict lower, ELEMENT *restrict upper, const float *restrict cosines, const float *restrict sines,
    float direction, int64_t half) {
  for (int64_t j = 0; j < half; j++) {
    const float a = LOAD(lower[j]), b = LOAD(upper[j]), sine = direction * sines[j];
    lower[j] = STORE(a * cosines[j] - b * sine);
    upper[j] = STORE(b * cosines[j] + a * sine);
  }
}

CLONED static void NAME(rotate)(
    ELEMENT *x, int64_t stride, const int32_t *positions, const float *cosines, const float *sines, float direction,
    int64_t rows, int64_t heads, int64_t d, int64_t turned) {
  const int64_t half = turned / 2;
  for (int64_t r = 0; r < rows; r++) {
    const int64_t angles = positions[r] * half;
    for (int64_t h = 0; h < heads; h++) {
      ELEMENT *head = x + r * stride + h * d;
      NAME(rotate_head)(head, head + half, cosines + angles, sines + angles, direction, half);
    }
  }
}

INLINE void NAME(lstm_row)(
    float *restrict i, float *restrict f, float *restrict g, float *restrict o, const float *restrict recurrent,
    const float *restrict bias, const float *restrict cell_before, float *restrict cell, ELEMENT *restrict hidden,
    int64_t n) {
  for (int64_t c = 0; c < n; c++) {
    i[c] = logistic(i[c] + (recurrent[c] + bias[c]));
    f[c] = logistic(f[c] + (recurrent[c + n] + bias[c + n]));
    g[c] = hyperbolic_tangent(g[c] + (recurrent[c + 2 * n] + bias[c + 2 * n]));
    o[c] = logistic(o[c] + (recurrent[c + 3 * n] + bias[c + 3 * n]));
    cell[c] = f[c] * cell_before[c] + i[c] * g[c];
    hidden[c] = STORE(o[c] * hyperbolic_tangent(cell[c]));
  }
}

CLONED static void NAME(lstm_step)(
    float *gates, const float *recurrent, const float *bias, const float *cell_before, float *cell, ELEMENT *hidden,
    int64_t rows, int64_t columns) {
  for (int64_t r = 0; r < rows; r++) {
    float *z = gates + 4 * r * columns;
    NAME(lstm_row)(
        z, z + columns, z + 2 * columns, z + 3 * columns, recurrent + 4 * r * columns, bias,
        cell_before + r * columns, cell + r * columns, hidden + r * columns, columns);
  }
}

INLINE void NAME(lstm_row_backward)(
    const float *restrict gates, const float *restrict cell_before, const float *restrict d_hidden,
    float *restrict d_cell, ELEMENT *restrict di, ELEMENT *restrict df, ELEMENT *restrict dg, ELEMENT *restrict d_o,
    int64_t n) {
  for (int64_t c = 0; c < n; c++) {
    const float i = gates[c], f = gates[c + n], g = gates[c + 2 * n], o = gates[c + 3 * n];
    const float t = hyperbolic_tangent(f * cell_before[c] + i * g);
    const float d = d_cell[c] + d_hidden[c] * o * (1.0f - t * t);
    di[c] = STORE(d * g * i * (1.0f - i));
    df[c] = STORE(d * cell_before[c] * f * (1.0f - f));
    dg[c] = STORE(d * i * (1.0f - g * g));
    d_o[c] = STORE(d_hidden[c] * t * o * (1.0f - o));
    d_cell[c] = d * f;
  }
}

CLONED static void NAME(lstm_step_backward)(
    const float *gates, const float *cell_before, const float *d_hidden, float *d_cell, ELEMENT *d_gates,
    int64_t rows, int64_t columns) {
  for (int64_t r = 0; r < rows; r++) {
    ELEMENT *dz = d_gates + 4 * r * columns;
    NAME(lstm_row_backward)(
        gates + 4 * r * columns, cell_before + r * columns, d_hidden + r * columns, d_cell + r * columns, dz,
        dz + columns, dz + 2 * columns, dz + 3 * columns, columns);
  }
}
