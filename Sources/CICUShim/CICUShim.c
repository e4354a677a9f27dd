#include "CICUShim.h"

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

int32_t graft_icu_normalize(
    int compatibility, uint16_t *target, int32_t capacity, const uint16_t *source, int32_t length) {
  UErrorCode status = U_ZERO_ERROR;
  const UNormalizer2 *normalizer =
      compatibility ? unorm2_getNFKCInstance(&status) : unorm2_getNFCInstance(&status);
  if (U_FAILURE(status)) return -1;
  int32_t written = unorm2_normalize(
      normalizer, (const UChar *)source, length, (UChar *)target, capacity, &status);
  return (U_FAILURE(status) && status != U_BUFFER_OVERFLOW_ERROR) ? -1 : written;
}
