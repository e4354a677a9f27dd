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

INLINE void NAME(peephole_row)(
    float *restrict i, float *restrict f, float *restrict g, float *restrict o, const float *restrict recurrent,
    const float *restrict bias, const float *restrict peepholes, const float *restrict cell_before,
    float *restrict cell, ELEMENT *restrict hidden, int64_t n) {
  for (int64_t c = 0; c < n; c++) {
    i[c] = logistic(i[c] + (recurrent[c] + bias[c]) + peepholes[c] * cell_before[c]);
    f[c] = logistic(f[c] + (recurrent[c + n] + bias[c + n]) + peepholes[c + n] * cell_before[c]);
    g[c] = hyperbolic_tangent(g[c] + (recurrent[c + 2 * n] + bias[c + 2 * n]));
    cell[c] = f[c] * cell_before[c] + i[c] * g[c];
    o[c] = logistic(o[c] + (recurrent[c + 3 * n] + bias[c + 3 * n]) + peepholes[c + 2 * n] * cell[c]);
    hidden[c] = STORE(o[c] * hyperbolic_tangent(cell[c]));
  }
}

CLONED static void NAME(lstm_step)(
    float *gates, const float *recurrent, const float *bias, const float *peepholes, const float *cell_before,
    float *cell, ELEMENT *hidden, int64_t rows, int64_t columns) {
  for (int64_t r = 0; r < rows; r++) {
    float *i = gates + 4 * r * columns, *f = i + columns, *g = f + columns, *o = g + columns;
    const float *added = recurrent + 4 * r * columns, *before = cell_before + r * columns;
    if (peepholes)
      NAME(peephole_row)(
          i, f, g, o, added, bias, peepholes, before, cell + r * columns, hidden + r * columns, columns);
    else
      NAME(lstm_row)(i, f, g, o, added, bias, before, cell + r * columns, hidden + r * columns, columns);
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

INLINE void NAME(peephole_row_backward)(
    const float *restrict gates, const float *restrict peepholes, const float *restrict cell_before,
    const float *restrict d_hidden, float *restrict d_cell, ELEMENT *restrict d_gates, float *restrict d_peepholes,
    int64_t n) {
  for (int64_t c = 0; c < n; c++) {
    const float i = gates[c], f = gates[c + n], g = gates[c + 2 * n], o = gates[c + 3 * n];
    const float cell = f * cell_before[c] + i * g, t = hyperbolic_tangent(cell);
    const float d_o = d_hidden[c] * t * o * (1.0f - o);
    const float d = d_cell[c] + d_hidden[c] * o * (1.0f - t * t) + d_o * peepholes[c + 2 * n];
    const float di = d * g * i * (1.0f - i), df = d * cell_before[c] * f * (1.0f - f);
    d_gates[c] = STORE(di);
    d_gates[c + n] = STORE(df);
    d_gates[c + 2 * n] = STORE(d * i * (1.0f - g * g));
    d_gates[c + 3 * n] = STORE(d_o);
    d_cell[c] = d * f + di * peepholes[c] + df * peepholes[c + n];
    if (d_peepholes) {
      d_peepholes[c] += di * cell_before[c];
      d_peepholes[c + n] += df * cell_before[c];
      d_peepholes[c + 2 * n] += d_o * cell;
    }
  }
}

CLONED static void NAME(lstm_step_backward)(
    const float *gates, const float *peepholes, const float *cell_before, const float *d_hidden, float *d_cell,
    ELEMENT *d_gates, float *d_peepholes, int64_t rows, int64_t columns) {
  for (int64_t r = 0; r < rows; r++) {
    ELEMENT *dz = d_gates + 4 * r * columns;
    if (peepholes)
      NAME(peephole_row_backward)(
          gates + 4 * r * columns, peepholes, cell_before + r * columns, d_hidden + r * columns,
          d_cell + r * columns, dz, d_peepholes, columns);
    else
      NAME(lstm_row_backward)(
          gates + 4 * r * columns, cell_before + r * columns, d_hidden + r * columns, d_cell + r * columns, dz,
          dz + columns, dz + 2 * columns, dz + 3 * columns, columns);
  }
}

CLONED static void NAME(multiply_states)(
    const float *restrict factors, const float *restrict states, ELEMENT *restrict out, int64_t count) {
  for (int64_t i = 0; i < count; i++) out[i] = STORE(factors[i] * states[i]);
}

CLONED static void NAME(multiply_states_backward)(
    const float *restrict factors, const float *restrict states, const float *restrict d,
    ELEMENT *restrict d_factors, ELEMENT *restrict d_states, int64_t count) {
  for (int64_t i = 0; i < count; i++) {
    d_factors[i] = STORE(d[i] * states[i]);
    d_states[i] = STORE(d[i] * factors[i]);
  }
}

INLINE void NAME(gru_row)(
    float *restrict r, float *restrict z, float *restrict n, float *restrict q, const float *restrict recurrent,
    const float *restrict bias, const float *restrict before, float *restrict memory, ELEMENT *restrict hidden,
    int64_t count) {
  for (int64_t c = 0; c < count; c++) {
    r[c] = logistic(r[c] + (recurrent[c] + bias[c]));
    z[c] = logistic(z[c] + (recurrent[c + count] + bias[c + count]));
    q[c] = recurrent[c + 2 * count] + bias[c + 3 * count];
    n[c] = hyperbolic_tangent(n[c] + bias[c + 2 * count] + r[c] * q[c]);
    memory[c] = n[c] + z[c] * (before[c] - n[c]);
    hidden[c] = STORE(memory[c]);
  }
}

CLONED static void NAME(gru_step)(
    float *gates, const float *recurrent, const float *bias, const float *before, float *memory, ELEMENT *hidden,
    int64_t rows, int64_t columns) {
  for (int64_t r = 0; r < rows; r++) {
    float *z = gates + 4 * r * columns;
    NAME(gru_row)(
        z, z + columns, z + 2 * columns, z + 3 * columns, recurrent + 3 * r * columns, bias, before + r * columns,
        memory + r * columns, hidden + r * columns, columns);
  }
}

INLINE void NAME(gru_row_backward)(
    const float *restrict gates, const float *restrict before, const float *restrict d_hidden,
    float *restrict d_memory, ELEMENT *restrict d_input, ELEMENT *restrict d_recurrent, int64_t n) {
  for (int64_t c = 0; c < n; c++) {
    const float r = gates[c], z = gates[c + n], candidate = gates[c + 2 * n], q = gates[c + 3 * n];
    const float d = d_memory[c] + d_hidden[c];
    const float dn = d * (1.0f - z) * (1.0f - candidate * candidate);
    d_input[c] = d_recurrent[c] = STORE(dn * q * r * (1.0f - r));
    d_input[c + n] = d_recurrent[c + n] = STORE(d * (before[c] - candidate) * z * (1.0f - z));
    d_input[c + 2 * n] = STORE(dn);
    d_recurrent[c + 2 * n] = STORE(dn * r);
    d_memory[c] = d * z;
  }
}

CLONED static void NAME(gru_step_backward)(
    const float *gates, const float *before, const float *d_hidden, float *d_memory, ELEMENT *d_input,
    ELEMENT *d_recurrent, int64_t rows, int64_t columns) {
  for (int64_t r = 0; r < rows; r++) {
    NAME(gru_row_backward)(
        gates + 4 * r * columns, before + r * columns, d_hidden + r * columns, d_memory + r * columns,
        d_input + 3 * r * columns, d_recurrent + 3 * r * columns, columns);
  }
}

INLINE void NAME(elman_row)(
    float *restrict state, const float *restrict recurrent, const float *restrict bias, ELEMENT *restrict hidden,
    int64_t n) {
  for (int64_t c = 0; c < n; c++) {
    state[c] = hyperbolic_tangent(state[c] + (recurrent[c] + bias[c]));
    hidden[c] = STORE(state[c]);
  }
}

CLONED static void NAME(elman_step)(
    float *states, const float *recurrent, const float *bias, ELEMENT *hidden, int64_t rows, int64_t columns) {
  for (int64_t r = 0; r < rows; r++) {
    NAME(elman_row)(states + r * columns, recurrent + r * columns, bias, hidden + r * columns, columns);
  }
}

CLONED static void NAME(elman_step_backward)(
    const float *restrict states, const float *restrict d_hidden, ELEMENT *restrict d_input, int64_t count) {
  for (int64_t i = 0; i < count; i++) d_input[i] = STORE(d_hidden[i] * (1.0f - states[i] * states[i]));
}

INLINE void NAME(qrnn_row)(
    float *restrict z, float *restrict f, float *restrict o, const float *restrict bias, const float *restrict before,
    float *restrict cell, ELEMENT *restrict hidden, int64_t n) {
  for (int64_t c = 0; c < n; c++) {
    z[c] = hyperbolic_tangent(z[c] + bias[c]);
    f[c] = logistic(f[c] + bias[c + n]);
    o[c] = logistic(o[c] + bias[c + 2 * n]);
    cell[c] = z[c] + f[c] * (before[c] - z[c]);
    hidden[c] = STORE(o[c] * cell[c]);
  }
}

CLONED static void NAME(qrnn_scan)(
    float *gates, const float *bias, const float *before, float *cells, ELEMENT *hidden, int64_t tokens,
    int64_t columns) {
  for (int64_t t = 0; t < tokens; t++) {
    float *z = gates + 3 * t * columns, *cell = cells + t * columns;
    NAME(qrnn_row)(z, z + columns, z + 2 * columns, bias, before, cell, hidden + t * columns, columns);
    before = cell;
  }
}

INLINE void NAME(qrnn_row_backward)(
    const float *restrict gates, const float *restrict before, const float *restrict cell,
    const ELEMENT *restrict d_hidden, float *restrict d_cell, ELEMENT *restrict d_gates, int64_t n) {
  for (int64_t c = 0; c < n; c++) {
    const float z = gates[c], f = gates[c + n], o = gates[c + 2 * n], dh = LOAD(d_hidden[c]);
    const float d = d_cell[c] + dh * o;
    d_gates[c] = STORE(d * (1.0f - f) * (1.0f - z * z));
    d_gates[c + n] = STORE(d * (before[c] - z) * f * (1.0f - f));
    d_gates[c + 2 * n] = STORE(dh * cell[c] * o * (1.0f - o));
    d_cell[c] = d * f;
  }
}

CLONED static void NAME(qrnn_scan_backward)(
    const float *gates, const float *before, const float *cells, const ELEMENT *d_hidden, float *d_cell,
    ELEMENT *d_gates, int64_t tokens, int64_t columns) {
  for (int64_t t = tokens - 1; t >= 0; t--) {
    NAME(qrnn_row_backward)(
        gates + 3 * t * columns, t > 0 ? cells + (t - 1) * columns : before, cells + t * columns,
        d_hidden + t * columns, d_cell, d_gates + 3 * t * columns, columns);
  }
}

INLINE void NAME(add_row)(const ELEMENT *restrict d, float *restrict sum, int64_t n) {
  for (int64_t c = 0; c < n; c++) sum[c] += LOAD(d[c]);
}

CLONED static void NAME(fold_rows)(
    const ELEMENT *d, float *d_x, float *d_before, int64_t tokens, int64_t window, int64_t columns) {
  const int64_t past = window - 1;
  for (int64_t t = 0; t < tokens; t++) {
    for (int64_t j = 0; j < window; j++, d += columns) {
      const int64_t row = t - past + j;
      if (row >= 0)
        NAME(add_row)(d, d_x + row * columns, columns);
      else if (d_before)
        NAME(add_row)(d, d_before + (past + row) * columns, columns);
    }
  }
}

INLINE void NAME(multiply_row)(
    const ELEMENT *restrict x, const float *restrict multipliers, ELEMENT *restrict out, int64_t n) {
  for (int64_t c = 0; c < n; c++) out[c] = STORE(LOAD(x[c]) * multipliers[c]);
}

CLONED static void NAME(multiply_columns)(
    const ELEMENT *x, const float *multipliers, ELEMENT *out, int64_t rows, int64_t columns) {
  for (int64_t r = 0; r < rows; r++) NAME(multiply_row)(x + r * columns, multipliers, out + r * columns, columns);
}

// Sums of 64 columns at a time stay in registers.
CLONED static void NAME(sum_chunks)(const ELEMENT *x, ELEMENT *out, int64_t rows, int64_t chunks, int64_t columns) {
  for (int64_t r = 0; r < rows; r++, x += chunks * columns, out += columns)
    for (int64_t first = 0; first < columns; first += 64) {
      const int64_t n = columns - first < 64 ? columns - first : 64;
      float sum[64] = {0};
      for (int64_t k = 0; k < chunks; k++) NAME(add_row)(x + k * columns + first, sum, n);
      for (int64_t c = 0; c < n; c++) out[first + c] = STORE(sum[c]);
    }
}

CLONED static void NAME(penalty_slopes)(
    const ELEMENT *restrict x, float own, float between, float *restrict out, int64_t rows, int64_t columns) {
  for (int64_t r = 0; r < rows; r++) {
    const ELEMENT *here = x + r * columns;
    float *slopes = out + r * columns;
    for (int64_t c = 0; c < columns; c++) slopes[c] = own * LOAD(here[c]);
    if (r > 0)
      for (int64_t c = 0; c < columns; c++) slopes[c] += between * (LOAD(here[c]) - LOAD(here[c - columns]));
    if (r + 1 < rows)
      for (int64_t c = 0; c < columns; c++) slopes[c] += between * (LOAD(here[c]) - LOAD(here[c + columns]));
  }
}
