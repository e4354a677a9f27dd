#include "CICUShim.h"

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
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
