#include "CICUShim.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uregex.h>
#include <unicode/ustring.h>
#include <unicode/uversion.h>

void graft_icu_version(char *text) {
  UVersionInfo version;
  u_getVersion(version);
  u_versionToString(version, text);
}

void graft_unicode_version(char *text) {
  UVersionInfo version;
  u_getUnicodeVersion(version);
  u_versionToString(version, text);
}

int32_t graft_icu_utf16_from_utf8(
    uint16_t *target, int32_t capacity, const char *source, int32_t length) {
  UErrorCode status = U_ZERO_ERROR;
  int32_t written = 0;
  u_strFromUTF8((UChar *)target, capacity, &written, source, length, &status);
  return U_FAILURE(status) ? -1 : written;
}

int32_t graft_icu_utf8_from_utf16(
    char *target, int32_t capacity, const uint16_t *source, int32_t length) {
  UErrorCode status = U_ZERO_ERROR;
  int32_t written = 0;
  u_strToUTF8(target, capacity, &written, (const UChar *)source, length, &status);
  return U_FAILURE(status) ? -1 : written;
}

static const UNormalizer2 *normalizer_of(int form, UErrorCode *status) {
  switch (form) {
    case GRAFT_NFKC: return unorm2_getNFKCInstance(status);
    case GRAFT_NFD: return unorm2_getNFDInstance(status);
    case GRAFT_NFKD: return unorm2_getNFKDInstance(status);
    default: return unorm2_getNFCInstance(status);
  }
}

int32_t graft_icu_normalize(
    int form, uint16_t *target, int32_t capacity, const uint16_t *source, int32_t length) {
  UErrorCode status = U_ZERO_ERROR;
  const UNormalizer2 *normalizer = normalizer_of(form, &status);
  if (U_FAILURE(status)) return -1;
  int32_t written = unorm2_normalize(
      normalizer, (const UChar *)source, length, (UChar *)target, capacity, &status);
  return (U_FAILURE(status) && status != U_BUFFER_OVERFLOW_ERROR) ? -1 : written;
}

int32_t graft_icu_cluster_kind(uint32_t scalar) {
  UChar32 c = (UChar32)scalar;
  switch (u_getIntPropertyValue(c, UCHAR_GRAPHEME_CLUSTER_BREAK)) {
    case U_GCB_CR: return GRAFT_CLUSTER_CR;
    case U_GCB_LF: return GRAFT_CLUSTER_LF;
    case U_GCB_CONTROL: return GRAFT_CLUSTER_CONTROL;
    case U_GCB_EXTEND: return GRAFT_CLUSTER_EXTEND;
    case U_GCB_ZWJ: return GRAFT_CLUSTER_ZWJ;
    case U_GCB_REGIONAL_INDICATOR: return GRAFT_CLUSTER_REGIONAL_INDICATOR;
    case U_GCB_PREPEND: return GRAFT_CLUSTER_PREPEND;
    case U_GCB_SPACING_MARK: return GRAFT_CLUSTER_SPACING_MARK;
    case U_GCB_L: return GRAFT_CLUSTER_L;
    case U_GCB_V: return GRAFT_CLUSTER_V;
    case U_GCB_T: return GRAFT_CLUSTER_T;
    case U_GCB_LV: return GRAFT_CLUSTER_LV;
    case U_GCB_LVT: return GRAFT_CLUSTER_LVT;
    default:
      return u_hasBinaryProperty(c, UCHAR_EXTENDED_PICTOGRAPHIC) ? GRAFT_CLUSTER_PICTOGRAPH
                                                                 : GRAFT_CLUSTER_OTHER;
  }
}

struct GraftExpression {
  URegularExpression *expression;
  UChar *units;
  // Where each unit's character starts in the bytes, and at the end how many bytes there are.
  int32_t *offsets;
  int32_t capacity;
  int32_t *pairs;
  int32_t pair_capacity;
};

GraftExpression *graft_icu_expression(const char *pattern) {
  int32_t length = (int32_t)strlen(pattern);
  GraftExpression *result = calloc(1, sizeof(GraftExpression));
  UChar *units = malloc(sizeof(UChar) * ((size_t)length + 1));
  if (result && units) {
    UErrorCode status = U_ZERO_ERROR;
    int32_t written = 0;
    u_strFromUTF8(units, length + 1, &written, pattern, length, &status);
    result->expression = uregex_open(units, written, 0, NULL, &status);
    // Matching may take as much memory as it needs, but no more than this many times 10,000 steps, the same on every
    // machine. Oniguruma gives up after as many.
    uregex_setStackLimit(result->expression, 0, &status);
    uregex_setTimeLimit(result->expression, 1000, &status);
    if (U_FAILURE(status)) {
      graft_icu_expression_close(result);
      result = NULL;
    }
  } else {
    free(result);
    result = NULL;
  }
  free(units);
  return result;
}

void graft_icu_expression_close(GraftExpression *self) {
  if (!self) return;
  if (self->expression) uregex_close(self->expression);
  free(self->units);
  free(self->offsets);
  free(self->pairs);
  free(self);
}

// Fills `units` and `offsets`; returns how many units there are, -1 if there is no memory.
static int32_t read_text(GraftExpression *self, const uint8_t *bytes, int32_t count) {
  if (self->capacity <= count) {
    int32_t capacity = count + 1 < 256 ? 256 : count + 1;
    UChar *units = realloc(self->units, sizeof(UChar) * (size_t)capacity);
    if (units) self->units = units;
    int32_t *offsets = realloc(self->offsets, sizeof(int32_t) * (size_t)capacity);
    if (offsets) self->offsets = offsets;
    if (!units || !offsets) return -1;
    self->capacity = capacity;
  }
  int32_t length = 0, offset = 0;
  while (offset < count) {
    int32_t start = offset;
    if (bytes[offset] < 0x80) {
      self->offsets[length] = start;
      self->units[length++] = bytes[offset++];
      continue;
    }
    UChar32 c;
    U8_NEXT(bytes, offset, count, c);
    if (c < 0) {
      // A byte that is no character's counts as one of its own.
      offset = start + 1;
      c = 0xFFFD;
    }
    self->offsets[length] = start;
    if (c > 0xFFFF) {
      self->units[length++] = U16_LEAD(c);
      self->offsets[length] = start;
      self->units[length++] = U16_TRAIL(c);
    } else {
      self->units[length++] = (UChar)c;
    }
  }
  self->offsets[length] = count;
  return length;
}

int32_t graft_icu_expression_matches(
    GraftExpression *self, const uint8_t *bytes, int32_t count, const int32_t **pairs) {
  UErrorCode status = U_ZERO_ERROR;
  int32_t length = read_text(self, bytes, count);
  if (length < 0) return -1;
  uregex_setText(self->expression, self->units, length, &status);
  int32_t found = 0, from = 0, last_end = -1;
  while (from <= length && U_SUCCESS(status) && uregex_find(self->expression, from, &status)) {
    int32_t start = uregex_start(self->expression, 0, &status);
    int32_t end = uregex_end(self->expression, 0, &status);
    if (U_FAILURE(status)) break;
    if (start == end && end == last_end) {
      if (from == length) break;
      U16_FWD_1(self->units, from, length);
      continue;
    }
    if (found == self->pair_capacity) {
      int32_t capacity = found ? 2 * found : 64;
      int32_t *more = realloc(self->pairs, sizeof(int32_t) * 2 * (size_t)capacity);
      if (!more) return -1;
      self->pairs = more;
      self->pair_capacity = capacity;
    }
    self->pairs[2 * found] = self->offsets[start];
    self->pairs[2 * found + 1] = self->offsets[end];
    found++;
    from = last_end = end;
  }
  *pairs = self->pairs;
  return found;
}
