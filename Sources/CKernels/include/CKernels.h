#ifndef GRAFT_CKERNELS_H
#define GRAFT_CKERNELS_H

#include "kernels.h"
#include "optimizers.h"

#endif
