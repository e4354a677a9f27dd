// Messages between the processes of one training run, through an MPI library that is found at run time. Nothing here
// links against it: without `mpirun` it is not even loaded.
#ifndef GRAFT_MESSAGE_PASSING_H
#define GRAFT_MESSAGE_PASSING_H

#include <stdbool.h>
#include <stdint.h>

// What the environment says of this process.
typedef enum {
  GRAFT_MP_ALONE = 0,     // no launcher started it
  GRAFT_MP_OPEN_MPI = 1,  // mpirun of Open MPI, or srun with PMIx
  GRAFT_MP_MPICH = 2      // mpiexec of MPICH or of what shares its binary interface, or srun with PMI
} graft_mp_launcher;

graft_mp_launcher graft_mp_launched_by(void);

// Loads the library and writes the first line of what it says of itself to `version`, without joining anything. False
// and a reason in `version` if there is none.
bool graft_mp_load(graft_mp_launcher launcher, char *version, int64_t size);

// A message under way; `graft_mp_test` says whether it is over. Functions return 0 or the library's error.
typedef struct {
  uint64_t handle;
} graft_mp_request;

// Joins the processes that were started together. 0, or the library's error.
int graft_mp_start(int *rank, int *ranks, char *host, int64_t host_size);
// Collects what each process is about to end with, beside all other messages.
int graft_mp_gather_codes(int32_t code, int32_t *codes, graft_mp_request *request);
// Leaves them; every process calls it, and no other function afterwards.
int graft_mp_finish(void);
// Ends all processes with a code.
void graft_mp_abort(int code);

int graft_mp_broadcast(void *bytes, int32_t count, int32_t root, graft_mp_request *request);
// `counts` and `places` are those of every process's bytes in `all`, and stay until the request is over.
int graft_mp_all_gather(
    const void *mine, int32_t count, void *all, const int32_t *counts, const int32_t *places, graft_mp_request *request);
int graft_mp_send(const void *bytes, int32_t count, int32_t to, graft_mp_request *request);
int graft_mp_receive(void *bytes, int32_t count, int32_t from, graft_mp_request *request);
int graft_mp_test(graft_mp_request *request, bool *is_over);

// What an error means, in the library's words.
void graft_mp_error_text(int error, char *text, int64_t size);

#endif
