// Included once per element type by pointwise.c. A stream of R * C elements is walked in runs of 128, which
// is the grain of the dropout mask; columns are addressed through the running index, so bias lookups wrap.

CLONED static void NAME(residual)(
    const float *restrict x, const ELEMENT *restrict y, const float *restrict bias,
    const graft_dropout *dropout, float *restrict out, int64_t rows, int64_t columns) {
  const int64_t count = rows * columns;
  if (dropout->threshold == 0 && !bias) {
    for (int64_t i = 0; i < count; i++) out[i] = x[i] + LOAD(y[i]);
    return;
  }
  if (dropout->threshold == 0) {
    for (int64_t r = 0; r < rows; r++)
      for (int64_t c = 0; c < columns; c++)
        out[r * columns + c] = x[r * columns + c] + (LOAD(y[r * columns + c]) + bias[c]);
    return;
  }
  float run[DROPOUT_RUN], biases[DROPOUT_RUN];
  memset(biases, 0, sizeof biases);
  int64_t column = 0;
  for (int64_t i = 0; i < count; i += DROPOUT_RUN) {
    dropout_run(dropout, (uint64_t)i / DROPOUT_RUN, run);
    const int64_t n = count - i < DROPOUT_RUN ? count - i : DROPOUT_RUN;
    if (bias)
      for (int64_t j = 0; j < n; j++) {
        biases[j] = bias[column];
        if (++column == columns) column = 0;
      }
    for (int64_t j = 0; j < n; j++) out[i + j] = x[i + j] + run[j] * (LOAD(y[i + j]) + biases[j]);
  }
}

CLONED static void NAME(residual_backward)(
    const float *restrict d, const graft_dropout *dropout, ELEMENT *restrict dy, int64_t rows,
    int64_t columns) {
  const int64_t count = rows * columns;
  if (dropout->threshold == 0) {
    for (int64_t i = 0; i < count; i++) dy[i] = STORE(d[i]);
    return;
  }
  float run[DROPOUT_RUN];
  for (int64_t i = 0; i < count; i += DROPOUT_RUN) {
    dropout_run(dropout, (uint64_t)i / DROPOUT_RUN, run);
    const int64_t n = count - i < DROPOUT_RUN ? count - i : DROPOUT_RUN;
    for (int64_t j = 0; j < n; j++) dy[i + j] = STORE(run[j] * d[i + j]);
  }
}

INLINE float NAME(value)(int activation, float x) {
  switch (activation) {
    case GRAFT_RELU: return x > 0 ? x : 0;
    case GRAFT_GELU: return gelu(x);
    case GRAFT_EXACT_GELU: return exact_gelu(x);
    case GRAFT_TANH: return hyperbolic_tangent(x);
    case GRAFT_SILU: return silu(x);
    case GRAFT_SQUARED_RELU: return x > 0 ? x * x : 0;
    case GRAFT_SIGMOID: return logistic(x);
    default: return x;
  }
}
INLINE float NAME(slope)(int activation, float x) {
  switch (activation) {
    case GRAFT_RELU: return x > 0 ? 1.0f : 0.0f;
    case GRAFT_GELU: return gelu_derivative(x);
    case GRAFT_EXACT_GELU: return exact_gelu_derivative(x);
    case GRAFT_TANH: return 1.0f - hyperbolic_tangent(x) * hyperbolic_tangent(x);
    case GRAFT_SILU: return silu_derivative(x);
    case GRAFT_SQUARED_RELU: return x > 0 ? 2.0f * x : 0.0f;
    case GRAFT_SIGMOID: return logistic_derivative(x);
    default: return 1.0f;
  }
}

// The activation is a constant at each call below, so that the inner loops carry no branch.
INLINE void NAME(activate_one)(
    int activation, const ELEMENT *restrict z, const float *restrict bias, const float *restrict mask,
    ELEMENT *restrict out, int64_t n) {
  if (bias && mask)
    for (int64_t j = 0; j < n; j++) out[j] = STORE(mask[j] * NAME(value)(activation, LOAD(z[j]) + bias[j]));
  else if (bias)
    for (int64_t j = 0; j < n; j++) out[j] = STORE(NAME(value)(activation, LOAD(z[j]) + bias[j]));
  else if (mask)
    for (int64_t j = 0; j < n; j++) out[j] = STORE(mask[j] * NAME(value)(activation, LOAD(z[j])));
  else
    for (int64_t j = 0; j < n; j++) out[j] = STORE(NAME(value)(activation, LOAD(z[j])));
}

INLINE void NAME(activate_backward_one)(
    int activation, const ELEMENT *restrict z, const float *restrict bias, const float *restrict mask,
    const ELEMENT *restrict d, ELEMENT *restrict dz, int64_t n) {
  if (bias && mask)
    for (int64_t j = 0; j < n; j++)
      dz[j] = STORE(mask[j] * LOAD(d[j]) * NAME(slope)(activation, LOAD(z[j]) + bias[j]));
  else if (bias)
    for (int64_t j = 0; j < n; j++) dz[j] = STORE(LOAD(d[j]) * NAME(slope)(activation, LOAD(z[j]) + bias[j]));
  else if (mask)
    for (int64_t j = 0; j < n; j++) dz[j] = STORE(mask[j] * LOAD(d[j]) * NAME(slope)(activation, LOAD(z[j])));
  else
    for (int64_t j = 0; j < n; j++) dz[j] = STORE(LOAD(d[j]) * NAME(slope)(activation, LOAD(z[j])));
}

INLINE void NAME(gate_one)(
    int activation, const ELEMENT *restrict gate, const ELEMENT *restrict up, const float *restrict mask,
    ELEMENT *restrict out, int64_t n) {
  if (mask)
    for (int64_t j = 0; j < n; j++)
      out[j] = STORE(mask[j] * NAME(value)(activation, LOAD(gate[j])) * LOAD(up[j]));
  else
    for (int64_t j = 0; j < n; j++) out[j] = STORE(NAME(value)(activation, LOAD(gate[j])) * LOAD(up[j]));
}

INLINE void NAME(gate_backward_one)(
    int activation, const ELEMENT *restrict gate, const ELEMENT *restrict up, const float *restrict mask,
    const ELEMENT *restrict d, ELEMENT *restrict d_gate, ELEMENT *restrict d_up, int64_t n) {
  for (int64_t j = 0; j < n; j++) {
    const float g = LOAD(gate[j]), e = (mask ? mask[j] : 1.0f) * LOAD(d[j]);
    d_gate[j] = STORE(e * LOAD(up[j]) * NAME(slope)(activation, g));
    d_up[j] = STORE(e * NAME(value)(activation, g));
  }
}

#define BY_ACTIVATION(call)                                   \
  switch (activation) {                                       \
    case GRAFT_RELU: call(GRAFT_RELU); break;                 \
    case GRAFT_GELU: call(GRAFT_GELU); break;                 \
    case GRAFT_EXACT_GELU: call(GRAFT_EXACT_GELU); break;     \
    case GRAFT_TANH: call(GRAFT_TANH); break;                 \
    case GRAFT_SILU: call(GRAFT_SILU); break;                 \
    case GRAFT_SQUARED_RELU: call(GRAFT_SQUARED_RELU); break; \
    case GRAFT_SIGMOID: call(GRAFT_SIGMOID); break;           \
    default: call(GRAFT_IDENTITY); break;                     \
  }

// Walks [R, C] row by row in pieces of at most 128 columns. With dropout, C must be a multiple of 128 or the
// mask is addressed row by row from the next multiple of 128; forward and backward agree on that.
#define FOR_PIECES                                                                  \
  float run[DROPOUT_RUN];                                                           \
  const float *mask = dropout->threshold ? run : 0;                                 \
  const int64_t runs = (columns + DROPOUT_RUN - 1) / DROPOUT_RUN;                   \
  for (int64_t r = 0; r < rows; r++)                                                \
    for (int64_t j = 0; j < runs; j++) {                                            \
      const int64_t c = j * DROPOUT_RUN;                                            \
      const int64_t n = columns - c < DROPOUT_RUN ? columns - c : DROPOUT_RUN;      \
      if (mask) dropout_run(dropout, (uint64_t)(r * runs + j), run);
#define END_PIECES }

CLONED static void NAME(activate)(
    int activation, const ELEMENT *z, const float *bias, const graft_dropout *dropout, ELEMENT *out,
    int64_t rows, int64_t columns) {
  FOR_PIECES
#define CALL(a) NAME(activate_one)(a, z + r * columns + c, bias ? bias + c : 0, mask, out + r * columns + c, n)
  BY_ACTIVATION(CALL)
#undef CALL
  END_PIECES
}

CLONED static void NAME(activate_backward)(
    int activation, const ELEMENT *z, const float *bias, const graft_dropout *dropout, const ELEMENT *d,
    ELEMENT *dz, int64_t rows, int64_t columns) {
  FOR_PIECES
  const int64_t at = r * columns + c;
#define CALL(a) NAME(activate_backward_one)(a, z + at, bias ? bias + c : 0, mask, d + at, dz + at, n)
  BY_ACTIVATION(CALL)
#undef CALL
  END_PIECES
}

CLONED static void NAME(gate)(
    int activation, const ELEMENT *z, const graft_dropout *dropout, ELEMENT *out, int64_t rows,
    int64_t columns) {
  FOR_PIECES
  const ELEMENT *row = z + 2 * r * columns + c;
#define CALL(a) NAME(gate_one)(a, row, row + columns, mask, out + r * columns + c, n)
  BY_ACTIVATION(CALL)
#undef CALL
  END_PIECES
}

CLONED static void NAME(gate_backward)(
    int activation, const ELEMENT *z, const graft_dropout *dropout, const ELEMENT *d, ELEMENT *dz,
    int64_t rows, int64_t columns) {
  FOR_PIECES
  const ELEMENT *row = z + 2 * r * columns + c;
  ELEMENT *out = dz + 2 * r * columns + c;
#define CALL(a) NAME(gate_backward_one)(a, row, row + columns, mask, d + r * columns + c, out, out + columns, n)
  BY_ACTIVATION(CALL)
#undef CALL
  END_PIECES
}

#undef BY_ACTIVATION
#undef FOR_PIECES
#undef END_PIECES

CLONED static void NAME(add_column_sums)(
    const ELEMENT *restrict d, float *restrict out, int64_t rows, int64_t columns) {
  for (int64_t r = 0; r < rows; r++)
    for (int64_t c = 0; c < columns; c++) out[c] += LOAD(d[r * columns + c]);
}

CLONED static void NAME(add_bias)(
    ELEMENT *restrict z, const float *restrict bias, int64_t rows, int64_t columns) {
  for (int64_t r = 0; r < rows; r++)
    for (int64_t c = 0; c < columns; c++) z[r * columns + c] = STORE(LOAD(z[r * columns + c]) + bias[c]);
}

CLONED static void NAME(add_table_rows)(
    const float *table, const int32_t *ids, ELEMENT *x, int64_t stride, int64_t rows, int64_t columns) {
  for (int64_t r = 0; r < rows; r++) {
    if (ids[r] < 0) continue;
    const float *restrict t = table + (int64_t)ids[r] * columns;
    ELEMENT *restrict a = x + r * stride;
    for (int64_t c = 0; c < columns; c++) a[c] = STORE(LOAD(a[c]) + t[c]);
  }
}

CLONED static void NAME(add_table_rows_backward)(
    float *gradient, const int32_t *ids, const ELEMENT *d, int64_t stride, int64_t rows, int64_t columns) {
  for (int64_t r = 0; r < rows; r++) {
    if (ids[r] < 0) continue;
    float *restrict g = gradient + (int64_t)ids[r] * columns;
    const ELEMENT *restrict a = d + r * stride;
    for (int64_t c = 0; c < columns; c++) g[c] += LOAD(a[c]);
  }
}
