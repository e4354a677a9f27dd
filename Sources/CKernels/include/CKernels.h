#ifndef GRAFT_CKERNELS_H
#define GRAFT_CKERNELS_H

#include "additive.h"
#include "cooccurrence.h"
#include "disentangled.h"
#include "few_rows.h"
#include "finite.h"
#include "helpers.h"
#include "kernels.h"
#include "matrix_tiles.h"
#include "optimizers.h"
#include "regression.h"
#include "word_vectors.h"

#endif
