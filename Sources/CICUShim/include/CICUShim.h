// ICU renames its symbols by macro (u_strToUTF8 becomes u_strToUTF8_72), which Swift's importer cannot follow,
// and its headers clash with the copy of ICU inside Foundation. So Swift sees only these plain functions.
#ifndef GRAFT_CICUSHIM_H
#define GRAFT_CICUSHIM_H

#include <stdint.h>

/// Writes the version of the loaded ICU library, for instance "72.1", into `text` (20 bytes or more).
void graft_icu_version(char *text);

/// Writes the version of Unicode that ICU implements, for instance "15.0", into `text` (20 bytes or more).
void graft_unicode_version(char *text);

/// UTF-8 to UTF-16. Returns the length in units, or -1 on an error; `capacity` must be at least `length`.
int32_t graft_icu_utf16_from_utf8(
    uint16_t *target, int32_t capacity, const char *source, int32_t length);

/// UTF-16 to UTF-8. Returns the length in bytes, or -1 on an error; `capacity` must be at least 3 * `length`.
int32_t graft_icu_utf8_from_utf16(
    char *target, int32_t capacity, const uint16_t *source, int32_t length);

/// The normal forms of Unicode Standard Annex 15.
#define GRAFT_NFC 0
#define GRAFT_NFKC 1
#define GRAFT_NFD 2
#define GRAFT_NFKD 3

/// Normalises to one of the forms above. Returns the length the result has, which may be more than `capacity` (then
/// call again with room for it), or -1 on an error.
int32_t graft_icu_normalize(
    int form, uint16_t *target, int32_t capacity, const uint16_t *source, int32_t length);

/// What the rules of Unicode Standard Annex 29 for grapheme clusters tell apart.
#define GRAFT_CLUSTER_OTHER 0
#define GRAFT_CLUSTER_CR 1
#define GRAFT_CLUSTER_LF 2
#define GRAFT_CLUSTER_CONTROL 3
#define GRAFT_CLUSTER_EXTEND 4
#define GRAFT_CLUSTER_ZWJ 5
#define GRAFT_CLUSTER_REGIONAL_INDICATOR 6
#define GRAFT_CLUSTER_PREPEND 7
#define GRAFT_CLUSTER_SPACING_MARK 8
#define GRAFT_CLUSTER_L 9
#define GRAFT_CLUSTER_V 10
#define GRAFT_CLUSTER_T 11
#define GRAFT_CLUSTER_LV 12
#define GRAFT_CLUSTER_LVT 13
#define GRAFT_CLUSTER_PICTOGRAPH 14

/// Which of these a code point is.
int32_t graft_icu_cluster_kind(uint32_t scalar);

/// A compiled regular expression with memory of its own, for one thread at a time.
typedef struct GraftExpression GraftExpression;

/// Compiles an expression in ICU's syntax, in UTF-8. Returns null if it is none; to be closed.
GraftExpression *graft_icu_expression(const char *pattern);

/// Gives the memory back.
void graft_icu_expression_close(GraftExpression *self);

/// Finds the matches in some UTF-8 from left to right: pairs of a start and an end in bytes, valid until the next call.
/// An empty match right after the last match is none. A byte that is no character's counts as U+FFFD. Returns how many
/// there are (what follows a match that would take too many steps has none), or -1 if there is no memory.
int32_t graft_icu_expression_matches(
    GraftExpression *self, const uint8_t *bytes, int32_t count, const int32_t **pairs);

#endif
