#ifndef GRAFT_CKERNELS_H
#define GRAFT_CKERNELS_H

#include "optimizers.h"

#endif
