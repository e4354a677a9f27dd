#include "CMessagePassing.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Two binary interfaces. Open MPI's handles are addresses of its objects, MPICH's are integers; both go through a
// register of the width of a pointer, of which MPICH looks at the lower half. All that is sent are bytes.
typedef uintptr_t handle;

enum { mpi_success = 0, mpi_thread_serialized = 2, longest_text = 8192, tag = 7 };

static struct {
  void *library;
  handle world, byte, errors_return;
  handle ending;  // the same processes once more, for their exit codes
  void *ignored_status;
  int (*init)(int *, char ***, int, int *);
  int (*finalize)(void);
  int (*abort)(handle, int);
  int (*rank)(handle, int *);
  int (*size)(handle, int *);
  int (*duplicate)(handle, handle *);
  int (*set_errors)(handle, handle);
  int (*host)(char *, int *);
  int (*version)(char *, int *);
  int (*error_text)(int, char *, int *);
  int (*gather)(const void *, int, handle, void *, int, handle, handle, void *);
  int (*broadcast)(void *, int, handle, int, handle, void *);
  int (*all_gather)(const void *, int, handle, void *, const int *, const int *, handle, handle, void *);
  int (*send)(const void *, int, handle, int, int, handle, void *);
  int (*receive)(void *, int, handle, int, int, handle, void *);
  int (*test)(void *, int *, void *);
} mpi;

graft_mp_launcher graft_mp_launched_by(void) {
  // Slurm's PMIx serves Open MPI; its PMI-1 and PMI-2 and MPICH's own launcher set PMI_RANK.
  if (getenv("OMPI_COMM_WORLD_SIZE") || getenv("PMIX_RANK")) return GRAFT_MP_OPEN_MPI;
  if (getenv("PMI_RANK") || getenv("PMI_SIZE")) return GRAFT_MP_MPICH;
  return GRAFT_MP_ALONE;
}

static void *open_library(graft_mp_launcher launcher) {
  const char *chosen = getenv("GRAFT_MPI");
  const char *open_mpi[] = {"libmpi.so.40", "libmpi.so.80", NULL};
  const char *mpich[] = {"libmpich.so.12", "libmpi.so.12", "libmpi.so.0", NULL};
  const char *one[] = {chosen, NULL};
  // Its parts look each other's symbols up, hence global.
  for (const char **name = chosen && *chosen ? one : launcher == GRAFT_MP_MPICH ? mpich : open_mpi; *name; name++) {
    void *library = dlopen(*name, RTLD_NOW | RTLD_GLOBAL);
    if (library) return library;
  }
  return NULL;
}

static bool look_up(void) {
  // ISO C has no conversion of an object pointer to a function's; POSIX wants it to work through memory.
#define LOOK_UP(member, name) \
  if (!(*(void **)&mpi.member = dlsym(mpi.library, name))) return false
  LOOK_UP(init, "MPI_Init_thread");
  LOOK_UP(finalize, "MPI_Finalize");
  LOOK_UP(abort, "MPI_Abort");
  LOOK_UP(rank, "MPI_Comm_rank");
  LOOK_UP(size, "MPI_Comm_size");
  LOOK_UP(duplicate, "MPI_Comm_dup");
  LOOK_UP(set_errors, "MPI_Comm_set_errhandler");
  LOOK_UP(host, "MPI_Get_processor_name");
  LOOK_UP(version, "MPI_Get_library_version");
  LOOK_UP(error_text, "MPI_Error_string");
  LOOK_UP(gather, "MPI_Iallgather");
  LOOK_UP(broadcast, "MPI_Ibcast");
  LOOK_UP(all_gather, "MPI_Iallgatherv");
  LOOK_UP(send, "MPI_Isend");
  LOOK_UP(receive, "MPI_Irecv");
  LOOK_UP(test, "MPI_Test");
#undef LOOK_UP
  void *world = dlsym(mpi.library, "ompi_mpi_comm_world");
  if (world) {
    mpi.world = (handle)world;
    mpi.byte = (handle)dlsym(mpi.library, "ompi_mpi_byte");
    mpi.errors_return = (handle)dlsym(mpi.library, "ompi_mpi_errors_return");
    mpi.ignored_status = NULL;
    return mpi.byte && mpi.errors_return;
  }
  // The numbers of the MPICH ABI Initiative, which MPICH, Intel MPI and MVAPICH share.
  mpi.world = 0x44000000;
  mpi.byte = 0x4c00010d;
  mpi.errors_return = 0x54000001;
  mpi.ignored_status = (void *)1;
  return true;
}

bool graft_mp_load(graft_mp_launcher launcher, char *version, int64_t size) {
  if (!mpi.library) {
    mpi.library = open_library(launcher);
    if (!mpi.library) {
      snprintf(version, (size_t)size, "%s", dlerror());
      return false;
    }
    if (!look_up()) {
      mpi.library = NULL;
      snprintf(version, (size_t)size, "the library lacks functions of MPI 3");
      return false;
    }
  }
  char text[longest_text + 1] = "";
  int length = 0;
  if (mpi.version(text, &length) != mpi_success) text[0] = 0;
  // One line of it; MPICH has tabs between name and number.
  text[strcspn(text, "\n")] = 0;
  char *to = text;
  for (const char *from = text; *from; from++)
    if (*from != '\t') *to++ = *from;
    else if (to > text && to[-1] != ' ') *to++ = ' ';
  *to = 0;
  snprintf(version, (size_t)size, "%s", text);
  return true;
}

int graft_mp_start(int *rank, int *ranks, char *host, int64_t host_size) {
  int provided = 0, length = 0, error;
  char name[longest_text + 1] = "";
  if ((error = mpi.init(NULL, NULL, mpi_thread_serialized, &provided))) return error;
  if ((error = mpi.set_errors(mpi.world, mpi.errors_return))) return error;
  if ((error = mpi.rank(mpi.world, rank))) return error;
  if ((error = mpi.size(mpi.world, ranks))) return error;
  // MPICH writes the lower half of it alone.
  mpi.ending = 0;
  if ((error = mpi.duplicate(mpi.world, &mpi.ending))) return error;
  if ((error = mpi.host(name, &length))) return error;
  snprintf(host, (size_t)host_size, "%s", name);
  return mpi_success;
}

int graft_mp_gather_codes(int32_t code, int32_t *codes, graft_mp_request *request) {
  static int32_t own;  // stays until the request is over
  own = code;
  return mpi.gather(&own, sizeof own, mpi.byte, codes, sizeof own, mpi.byte, mpi.ending, &request->handle);
}

int graft_mp_finish(void) { return mpi.finalize(); }

void graft_mp_abort(int code) { mpi.abort(mpi.world, code); }

int graft_mp_broadcast(void *bytes, int32_t count, int32_t root, graft_mp_request *request) {
  return mpi.broadcast(bytes, count, mpi.byte, root, mpi.world, &request->handle);
}

int graft_mp_all_gather(
    const void *mine, int32_t count, void *all, const int32_t *counts, const int32_t *places,
    graft_mp_request *request) {
  return mpi.all_gather(mine, count, mpi.byte, all, counts, places, mpi.byte, mpi.world, &request->handle);
}

int graft_mp_send(const void *bytes, int32_t count, int32_t to, graft_mp_request *request) {
  return mpi.send(bytes, count, mpi.byte, to, tag, mpi.world, &request->handle);
}

int graft_mp_receive(void *bytes, int32_t count, int32_t from, graft_mp_request *request) {
  return mpi.receive(bytes, count, mpi.byte, from, tag, mpi.world, &request->handle);
}

int graft_mp_test(graft_mp_request *request, bool *is_over) {
  int flag = 0;
  const int error = mpi.test(&request->handle, &flag, mpi.ignored_status);
  *is_over = flag != 0;
  return error;
}

void graft_mp_error_text(int error, char *text, int64_t size) {
  char found[longest_text + 1] = "";
  int length = 0;
  if (mpi.error_text(error, found, &length) != mpi_success) found[0] = 0;
  found[strcspn(found, "\n")] = 0;
  snprintf(text, (size_t)size, "%s", found);
}
