#ifndef GRAFT_RESOURCES_H
#define GRAFT_RESOURCES_H

#include <stddef.h>

/// A file that is part of the executable.
typedef struct {
  /// Relative to the root of the repository.
  const char *path;
  const unsigned char *start, *end;
} graft_file;

size_t graft_file_count(void);

/// In the order of `files.list`, which is that of the paths as bytes.
graft_file graft_file_at(size_t index);

/// Of which commit the sources were as the executable was built, with `-dirty` if they were changed after it;
/// null if the build was not told.
const char *graft_commit(void);

#endif
