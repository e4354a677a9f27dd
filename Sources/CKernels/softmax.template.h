// Included once per element type by softmax.c.

CLONED static void NAME(attention_softmax)(
    const graft_attention_rows *rows, const graft_dropout *dropout, float *scores, ELEMENT *weights,
    float *log_sums) {
  const int64_t stride = rows->stride, runs = (stride + DROPOUT_RUN - 1) / DROPOUT_RUN;
  const float scale = rows->scale;
  float mask[DROPOUT_RUN];
  for (int64_t q = 0; q < rows->queries; q++) {
    const int64_t n = visible_keys(rows, q);
    float *restrict s = scores + q * stride;
    ELEMENT *restrict w = weights + q * stride;
    if (n == 0) {
      memset(w, 0, (size_t)stride * sizeof(ELEMENT));
      log_sums[q] = INFINITY;
      continue;
    }
    if (rows->bias) {
      const float *restrict bias = rows->bias - q;
      for (int64_t k = 0; k < n; k++) s[k] = s[k] * scale + bias[k];
    } else {
      for (int64_t k = 0; k < n; k++) s[k] = s[k] * scale;
    }
    const float top = maximum(s, n);
    const float sum = exponentials(s, top, n);
    log_sums[q] = top + logf(sum);
    const float inverse = 1.0f / sum;
    if (dropout->threshold) {
      const uint64_t first = rows->dropout_first / DROPOUT_RUN + (uint64_t)(q * runs);
      for (int64_t j = 0; j * DROPOUT_RUN < n; j++) {
        dropout_run(dropout, first + (uint64_t)j, mask);
        const int64_t k = j * DROPOUT_RUN, m = n - k < DROPOUT_RUN ? n - k : DROPOUT_RUN;
        for (int64_t i = 0; i < m; i++) w[k + i] = STORE(s[k + i] * inverse * mask[i]);
      }
    } else {
      for (int64_t k = 0; k < n; k++) w[k] = STORE(s[k] * inverse);
    }
    for (int64_t k = n; k < stride; k++) w[k] = STORE(0.0f);
  }
}

// One stretch of a row: P from the stored log-sum, then dS = P (mask dP - delta).
INLINE void NAME(softmax_backward_stretch)(
    const float *restrict s, const float *restrict bias, const float *restrict dp, const float *restrict mask,
    float scale, float log_sum, float delta, ELEMENT *restrict w, ELEMENT *restrict ds, float *restrict d_bias,
    int64_t n) {
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
    const float *s = scores + q * stride, *dp = d_weights + q * stride;
    ELEMENT *w = weights + q * stride, *ds = d_scores + q * stride;
    const float *bias = rows->bias ? rows->bias - q : 0;
    float *db = d_bias ? d_bias - q : 0;
    if (dropout->threshold) {
      const uint64_t first = rows->dropout_first / DROPOUT_RUN + (uint64_t)(q * runs);
      for (int64_t k = 0; k < n; k += DROPOUT_RUN) {
        dropout_run(dropout, first + (uint64_t)(k / DROPOUT_RUN), mask);
        NAME(softmax_backward_stretch)(
            s + k, bias ? bias + k : 0, dp + k, mask, scale, log_sums[q], delta[q], w + k, ds + k,
            db ? db + k : 0, n - k < DROPOUT_RUN ? n - k : DROPOUT_RUN);
      }
    } else if (bias && db) {
      NAME(softmax_backward_stretch)(s, bias, dp, 0, scale, log_sums[q], delta[q], w, ds, db, n);
    } else {
      NAME(softmax_backward_stretch)(s, bias, dp, 0, scale, log_sums[q], delta[q], w, ds, 0, n);
    }
    for (int64_t k = n; k < stride; k++) {
      w[k] = STORE(0.0f);
      ds[k] = STORE(0.0f);
    }
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

CLONED static double NAME(cross_entropy)(
    const float *logits, const int32_t *targets, float logit_scale, float d_scale, float *losses, ELEMENT *d,
    int64_t rows, int64_t vocabulary) {
  REASSOCIATE
  double total = 0;
  for (int64_t r = 0; r < rows; r++) {
    const float *restrict z = logits + r * vocabulary;
    const float top = maximum(z, vocabulary) * logit_scale;
    float sum = 0;
    for (int64_t v = 0; v < vocabulary; v++) sum += fast_exp(z[v] * logit_scale - top);
    const float log_sum = top + logf(sum);
    const float loss = log_sum - z[targets[r]] * logit_scale;
    total += (double)loss;
    if (losses) losses[r] = loss;
    if (d) {
      ELEMENT *restrict out = d + r * vocabulary;
      // d(loss)/d(raw logit) carries the logit scale as well.
      const float g = d_scale * logit_scale;
      for (int64_t v = 0; v < vocabulary; v++) out[v] = STORE(g * fast_exp(z[v] * logit_scale - log_sum));
      out[targets[r]] = STORE(g * (fast_exp(z[targets[r]] * logit_scale - log_sum) - 1.0f));
    }
  }
  return total;
}
