// Takes the files that `files.list` lists into the executable. The assembler reads them, which costs no time
// and depends on no step before the build; that `files.list` asks for each with __has_include makes the
// compiler name it among what this file depends on, so that it is compiled again when one of them changes.
#include "resources.h"

#define HIDDEN __attribute__((visibility("hidden")))
#define RESOURCE(name, path)                                \
  __asm__(".pushsection .rodata\n"                          \
          "graft_file_" #name ":\n"                         \
          ".incbin \"" path "\"\n"                          \
          "graft_file_" #name "_end:\n"                     \
          ".byte 0\n"                                       \
          ".popsection\n");                                 \
  extern const unsigned char graft_file_##name[] HIDDEN;    \
  extern const unsigned char graft_file_##name##_end[] HIDDEN;
#include "files.list"
#undef RESOURCE

#define RESOURCE(name, path) {path, graft_file_##name, graft_file_##name##_end},
static const graft_file files[] = {
#include "files.list"
};

size_t graft_file_count(void) { return sizeof files / sizeof *files; }

graft_file graft_file_at(size_t index) { return files[index]; }

#ifndef GRAFT_COMMIT
#define GRAFT_COMMIT NULL
#endif

const char *graft_commit(void) { return GRAFT_COMMIT; }
