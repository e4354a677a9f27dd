// Included once per element type by softmax.c.

CLONED static void NAME(attention_softmax)(
    const graft_attention_rows *rows, const graft_dropout *dropout, float *scores, ELEMENT *weights,
    float *log_sums) {
  const int64_t stride = rows->stride, runs = (stride + DROPOUT_RUN - 1) / DROPOUT_RUN;
  const float scale = rows->scale;
  float mask[DROPOUT_RUN];
  for (int64_t q = 0; q < rows->queries; q++) {
    const int64_t n = visible_keys(rows, q), first = first_key(rows, q);
    float *restrict s = scores + q * stride;
    ELEMENT *restrict w = weights + q * stride;
    if (n <= first) {
      memset(w, 0, (size_t)stride * sizeof(ELEMENT));
      log_sums[q] = INFINITY;
      continue;
    }
    // Whole vectors: keys that are not seen add 1e-38 to a sum of at least 1, which is nothing.
    const int64_t padded = whole_vectors(n, stride);
    if (rows->bias) {
      const float *restrict bias = rows->bias - q;
      SHORT_LOOP
      for (int64_t k = first; k < n; k++) s[k] = s[k] * scale + bias[k];
    } else {
      SHORT_LOOP
      for (int64_t k = first; k < padded; k++) s[k] = s[k] * scale;
    }
    for (int64_t k = n; k < padded; k++) s[k] = -INFINITY;
    const float top = maximum(s + first, padded - first);
    const float sum = exponentials(s + first, top, padded - first);
    log_sums[q] = top + logf(sum);
    const float inverse = 1.0f / sum;
    if (dropout->threshold) {
      const uint64_t run = rows->dropout_first / DROPOUT_RUN + (uint64_t)(q * runs);
      for (int64_t j = first / DROPOUT_RUN; j * DROPOUT_RUN < n; j++) {
        dropout_run(dropout, run + (uint64_t)j, mask);
        const int64_t k = j * DROPOUT_RUN, m = padded - k < DROPOUT_RUN ? padded - k : DROPOUT_RUN;
        SHORT_LOOP
        for (int64_t i = k < first ? first - k : 0; i < m; i++) w[k + i] = STORE(s[k + i] * inverse * mask[i]);
      }
    } else {
      SHORT_LOOP
      for (int64_t k = first; k < padded; k++) w[k] = STORE(s[k] * inverse);
    }
    memset(w, 0, (size_t)first * sizeof(ELEMENT));
    memset(w + n, 0, (size_t)(stride - n) * sizeof(ELEMENT));
  }
}

// One stretch of a row: P from the stored log-sum, then dS = P (mask dP - delta). What is absent is a null
// constant at each call, so that a loop without tests is made for every case.
INLINE void NAME(softmax_backward_stretch)(
    const float *restrict s, const float *restrict bias, const float *restrict dp, const float *restrict mask,
    float scale, float log_sum, float delta, ELEMENT *restrict w, ELEMENT *restrict ds, float *restrict d_bias,
    int64_t n) {
  SHORT_LOOP
  for (int64_t k = 0; k < n; k++) {
    const float p = fast_exp(s[k] * scale + (bias ? bias[k] : 0.0f) - log_sum);
    const float m = mask ? mask[k] : 1.0f;
    const float d = p * (m * dp[k] - delta);
    w[k] = STORE(p * m);
    ds[k] = STORE(d * scale);
    if (d_bias) d_bias[k] += d;
  }
}

CLONED static void NAME(attention_softmax_backward)(
    const graft_attention_rows *rows, const graft_dropout *dropout, const float *scores, const float *log_sums,
    const float *d_weights, const float *delta, ELEMENT *weights, ELEMENT *d_scores, float *d_bias) {
  const int64_t stride = rows->stride, runs = (stride + DROPOUT_RUN - 1) / DROPOUT_RUN;
  const float scale = rows->scale;
  float mask[DROPOUT_RUN];
  for (int64_t q = 0; q < rows->queries; q++) {
    const int64_t n = visible_keys(rows, q);
    const int64_t first = first_key(rows, q) < n ? first_key(rows, q) : n;
    const float log_sum = log_sums[q], row_delta = delta[q];
    // Whole vectors, but where a bias is added, which has no values for keys that are not seen.
    const int64_t end = rows->bias ? n : whole_vectors(n, stride);
    for (int64_t k = first / DROPOUT_RUN * DROPOUT_RUN; k < n; k += DROPOUT_RUN) {
      // Keys of the first run that are not seen.
      const int64_t skip = k < first ? first - k : 0, at = q * stride + k + skip;
      const int64_t m = (end - k < DROPOUT_RUN ? end - k : DROPOUT_RUN) - skip;
      const float *s = scores + at, *dp = d_weights + at, *bias = rows->bias ? rows->bias - q + k + skip : 0;
      ELEMENT *w = weights + at, *ds = d_scores + at;
      float *db = d_bias ? d_bias - q + k + skip : 0;
#define STRETCH(bias, mask, db) \
  NAME(softmax_backward_stretch)(s, bias, dp, mask, scale, log_sum, row_delta, w, ds, db, m)
      if (dropout->threshold) {
        dropout_run(
            dropout, rows->dropout_first / DROPOUT_RUN + (uint64_t)(q * runs + k / DROPOUT_RUN), mask);
        if (!bias)
          STRETCH(0, mask + skip, 0);
        else if (db)
          STRETCH(bias, mask + skip, db);
        else
          STRETCH(bias, mask + skip, 0);
      } else if (!bias) {
        STRETCH(0, 0, 0);
      } else if (db) {
        STRETCH(bias, 0, db);
      } else {
        STRETCH(bias, 0, 0);
      }
#undef STRETCH
    }
    memset(weights + q * stride, 0, (size_t)first * sizeof(ELEMENT));
    memset(d_scores + q * stride, 0, (size_t)first * sizeof(ELEMENT));
    memset(weights + q * stride + n, 0, (size_t)(stride - n) * sizeof(ELEMENT));
    memset(d_scores + q * stride + n, 0, (size_t)(stride - n) * sizeof(ELEMENT));
  }
}

CLONED static void NAME(row_dots)(
    const ELEMENT *a, int64_t a_stride, const ELEMENT *b, int64_t b_stride, float *out, int64_t rows,
    int64_t columns) {
  REASSOCIATE
  for (int64_t r = 0; r < rows; r++) {
    const ELEMENT *restrict x = a + r * a_stride, *restrict y = b + r * b_stride;
    float dot = 0;
    for (int64_t c = 0; c < columns; c++) dot += LOAD(x[c]) * LOAD(y[c]);
    out[r] = dot;
  }
}

// Dot products of a query with up to four keys.
INLINE void NAME(four_dots)(
    const ELEMENT *restrict q, const ELEMENT *restrict key, int64_t stride, int64_t count, int64_t d, float *dots) {
  float sums[4][16] = {{0}};
  int64_t c = 0;
  if (count >= 4)
    for (; c + 16 <= d; c += 16)
      for (int k = 0; k < 4; k++)
        for (int i = 0; i < 16; i++) sums[k][i] += LOAD(q[c + i]) * LOAD(key[k * stride + c + i]);
  for (int k = 0; k < (count < 4 ? count : 4); k++)
    for (int64_t i = c; i < d; i++) sums[k][i & 15] += LOAD(q[i]) * LOAD(key[k * stride + i]);
  quarter four;
  lanes v[4];
  memcpy(v, sums, sizeof v);
  sums_of_four(v, &four);
  memcpy(dots, &four, (size_t)(count < 4 ? count : 4) * 4);
}

CLONED static void NAME(attend_cached)(
    const ELEMENT *query, const ELEMENT *keys, const ELEMENT *values, int64_t stride, int64_t length, int64_t heads,
    int64_t group, int64_t d, float scale, const float *bias, int64_t bias_stride, float *scores, float *sums,
    ELEMENT *out) {
  REASSOCIATE
  for (int64_t h = 0; h < heads; h++) {
    const ELEMENT *restrict q = query + h * d;
    for (int64_t c = 0; c < d; c++) sums[c] = 0;
    if (length > 0) {
      const ELEMENT *key = keys + h / group * d, *value = values + h / group * d;
      for (int64_t k = 0; k < length; k += 4)
        NAME(four_dots)(q, key + k * stride, stride, length - k, d, scores + k);
      for (int64_t k = 0; k < length; k++)
        scores[k] = scores[k] * scale + (bias ? bias[h * bias_stride + k] : 0.0f);
      const float inverse = 1.0f / exponentials(scores, maximum(scores, length), length);
      int64_t k = 0;
      for (; k + 4 <= length; k += 4) {
        const ELEMENT *restrict v = value + k * stride;
        const float *w = scores + k;
        SHORT_LOOP
        for (int64_t c = 0; c < d; c++)
          sums[c] += w[0] * LOAD(v[c]) + w[1] * LOAD(v[c + stride]) + w[2] * LOAD(v[c + 2 * stride])
              + w[3] * LOAD(v[c + 3 * stride]);
      }
      for (; k < length; k++)
        for (int64_t c = 0; c < d; c++) sums[c] += scores[k] * LOAD(value[k * stride + c]);
      for (int64_t c = 0; c < d; c++) sums[c] *= inverse;
    }
    for (int64_t c = 0; c < d; c++) out[h * d + c] = STORE(sums[c]);
  }
}

CLONED static void NAME(exponentiate_logits)(
    float *logits, int64_t rows, int64_t columns, float logit_scale, const float *restrict bias, float cap,
    const int32_t *targets, int64_t first_column, graft_softmax_row *state, ELEMENT *exponentials,
    int64_t stride) {
  REASSOCIATE
  for (int64_t r = 0; r < rows; r++) {
    float *restrict z = logits + r * columns;
    if (bias)
      for (int64_t v = 0; v < columns; v++) z[v] += bias[v];
    if (cap != 0) {
      const float scale = logit_scale / cap, back = cap / logit_scale;
      for (int64_t v = 0; v < columns; v++) z[v] = back * hyperbolic_tangent(z[v] * scale);
    }
    ELEMENT *restrict row = exponentials ? exponentials + r * stride : 0;
    graft_softmax_row *restrict s = state + r;
    const float top = maximum(z, columns) * logit_scale;
    if (first_column == 0) {
      s->shift = top;
      s->sum = 0;
    } else if (top > s->shift + SHIFT_SLACK) {
      const float factor = fast_exp(s->shift - top);
      s->shift = top;
      s->sum *= factor;
      if (row)
        for (int64_t v = 0; v < first_column; v++) row[v] = STORE(LOAD(row[v]) * factor);
    }
    const float shift = s->shift;
    float sum = 0;
    if (row && cap != 0) {
      ELEMENT *restrict out = row + first_column;
      const float scale = logit_scale / cap;
      for (int64_t v = 0; v < columns; v++) {
        const float e = fast_exp(z[v] * logit_scale - shift), t = z[v] * scale;
        out[v] = STORE(e * (1.0f - t * t));
        sum += e;
      }
    } else if (row) {
      ELEMENT *restrict out = row + first_column;
      for (int64_t v = 0; v < columns; v++) {
        const float e = fast_exp(z[v] * logit_scale - shift);
        out[v] = STORE(e);
        sum += e;
      }
    } else {
      for (int64_t v = 0; v < columns; v++) sum += fast_exp(z[v] * logit_scale - shift);
    }
    s->sum += sum;
    const int64_t target = targets[r] - first_column;
    if (target >= 0 && target < columns) s->target = z[target] * logit_scale;
  }
}

INLINE float NAME(sum_of)(const ELEMENT *restrict x, int64_t n) {
  REASSOCIATE
  float sum = 0;
  for (int64_t j = 0; j < n; j++) sum += LOAD(x[j]);
  return sum;
}

// The sum is walked in runs, so that only the run the sample lies in is added up one by one.
#define SAMPLE_RUN 256
CLONED static void NAME(sample_rows)(
    const ELEMENT *exponentials, int64_t stride, int64_t columns, const float *uniforms, int32_t *samples,
    int64_t rows) {
  for (int64_t r = 0; r < rows; r++) {
    const ELEMENT *row = exponentials + r * stride;
    double total = 0;
    for (int64_t v = 0; v < columns; v += SAMPLE_RUN)
      total += NAME(sum_of)(row + v, columns - v < SAMPLE_RUN ? columns - v : SAMPLE_RUN);
    double left = uniforms[r] * total;
    int64_t first = 0;
    for (; first + SAMPLE_RUN < columns; first += SAMPLE_RUN) {
      const double sum = NAME(sum_of)(row + first, SAMPLE_RUN);
      if (left < sum) break;
      left -= sum;
    }
    const int64_t end = first + SAMPLE_RUN < columns ? first + SAMPLE_RUN : columns;
    int64_t chosen = first;
    for (int64_t v = first; v < end; v++) {
      if (LOAD(row[v]) > 0) chosen = v;
      left -= LOAD(row[v]);
      if (left < 0) break;
    }
    samples[r] = (int32_t)chosen;
  }
}
#undef SAMPLE_RUN

static double NAME(finish_cross_entropy)(
    const graft_softmax_row *state, const int32_t *targets, float target_weight, float gradient_scale, float cap,
    float z_weight, float *losses, ELEMENT *exponentials, int64_t stride, float *row_scales, int64_t rows) {
  double total = 0;
  for (int64_t r = 0; r < rows; r++) {
    const graft_softmax_row s = state[r];
    const float log_sum = s.shift + logf(s.sum);
    const float loss = log_sum - s.target;
    total += (double)loss;
    if (losses) losses[r] = loss;
    if (exponentials) {
      // The small difference is rounded, not its two large terms: a confident prediction keeps its gradient.
      const float t = cap != 0 ? s.target / cap : 0.0f;
      // Softmax gets a factor from the squared logarithm; it goes into the scale, and out of the target's part.
      const float factor = fmaxf(1 + 2 * z_weight * log_sum, 0.01f);
      exponentials[r * stride + targets[r]] =
          STORE((fast_exp(s.target - s.shift) - target_weight * s.sum / factor) * (1.0f - t * t));
      row_scales[r] = gradient_scale * factor / s.sum;
    }
  }
  return total;
}

CLONED static void NAME(add_scaled_column_sums)(
    const ELEMENT *x, const float *scales, float *restrict out, int64_t rows, int64_t columns) {
  for (int64_t r = 0; r < rows; r++)
    for (int64_t c = 0; c < columns; c++) out[c] += scales[r] * LOAD(x[r * columns + c]);
}

CLONED static void NAME(scale_rows)(
    const ELEMENT *x, const float *scales, ELEMENT *out, int64_t rows, int64_t columns) {
  for (int64_t r = 0; r < rows; r++)
    for (int64_t c = 0; c < columns; c++) out[r * columns + c] = STORE(LOAD(x[r * columns + c]) * scales[r]);
}
