// oneDNN through its C interface. The functions are looked up by name in the library found at run time; only
// the headers are needed to build, and without them this file answers "not found".
#include "CMatrixLibraries.h"
#include "loaded.h"

#if __has_include(<oneapi/dnnl/dnnl.h>)
#include <oneapi/dnnl/dnnl.h>
#endif

#if defined(DNNL_VERSION_MAJOR) && DNNL_VERSION_MAJOR == 2

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FUNCTIONS(X)                                                                                        \
  X(dnnl_version) X(dnnl_engine_create) X(dnnl_engine_destroy) X(dnnl_stream_create) X(dnnl_stream_destroy) \
  X(dnnl_memory_desc_init_by_strides) X(dnnl_matmul_desc_init) X(dnnl_primitive_attr_create)                \
  X(dnnl_primitive_attr_destroy) X(dnnl_primitive_attr_set_post_ops) X(dnnl_post_ops_create)                \
  X(dnnl_post_ops_destroy) X(dnnl_post_ops_append_sum) X(dnnl_primitive_desc_create)                        \
  X(dnnl_primitive_desc_destroy) X(dnnl_primitive_create) X(dnnl_primitive_destroy) X(dnnl_memory_create)   \
  X(dnnl_memory_destroy) X(dnnl_memory_set_data_handle_v2) X(dnnl_primitive_execute)                        \
  X(dnnl_primitive_attr_set_scratchpad_mode) X(dnnl_set_primitive_cache_capacity)

#define DECLARE(name) static __typeof__(&name) p_##name;
FUNCTIONS(DECLARE)

static dnnl_engine_t engine;  // engines are thread-safe, streams are not

bool graft_load_onednn(char *version, size_t size) {
  void *openmp = dlopen("libgomp.so.1", RTLD_NOW | RTLD_LOCAL);
  void *handle = dlopen("libdnnl.so.2", RTLD_NOW | RTLD_LOCAL);
  if (!handle) return false;
#define LOOK_UP(name)                                      \
  p_##name = (__typeof__(&name))dlsym(handle, #name); \
  if (!p_##name) return false;
  FUNCTIONS(LOOK_UP)
  if (openmp) graft_loaded.omp_set_num_threads = (void (*)(int))dlsym(openmp, "omp_set_num_threads");
  const dnnl_version_t *v = p_dnnl_version();
  if (v->major != 2) return false;
  snprintf(version, size, "%d.%d.%d", v->major, v->minor, v->patch);
  return p_dnnl_engine_create(&engine, dnnl_cpu, 0) == dnnl_success;
}

typedef struct {
  graft_product key;
  dnnl_primitive_t primitive;
  dnnl_memory_t a, b, c;
  bool used;
} slot;

struct graft_onednn_context {
  dnnl_stream_t stream;
  slot *slots;  // open addressing, power of two
  int64_t capacity, count;
};

graft_onednn_context *graft_onednn_context_create(void) {
  graft_onednn_context *context = calloc(1, sizeof *context);
  if (!context) return NULL;
  context->capacity = 256;
  context->slots = calloc((size_t)context->capacity, sizeof(slot));
  if (!context->slots || p_dnnl_stream_create(&context->stream, engine, dnnl_stream_in_order) != dnnl_success) {
    free(context->slots);
    free(context);
    return NULL;
  }
  // Shards are the parallelism; a product inside a shard stays on its thread.
  if (graft_loaded.omp_set_num_threads) graft_loaded.omp_set_num_threads(1);
  return context;
}

static void release(slot *s) {
  p_dnnl_primitive_destroy(s->primitive);
  p_dnnl_memory_destroy(s->a);
  p_dnnl_memory_destroy(s->b);
  p_dnnl_memory_destroy(s->c);
}

void graft_onednn_context_destroy(graft_onednn_context *context) {
  if (!context) return;
  for (int64_t i = 0; i < context->capacity; i++)
    if (context->slots[i].used) release(&context->slots[i]);
  p_dnnl_stream_destroy(context->stream);
  free(context->slots);
  free(context);
}

int64_t graft_onednn_cached_primitives(const graft_onednn_context *context) { return context->count; }

static uint64_t hash(const graft_product *p) {
  uint64_t words[sizeof(graft_product) / 8], h = 0x9e3779b97f4a7c15u;
  memcpy(words, p, sizeof words);
  for (size_t i = 0; i < sizeof words / 8; i++) {
    h ^= words[i];
    h *= 0xff51afd7ed558ccdu;
    h ^= h >> 32;
  }
  return h;
}

static slot *find(slot *slots, int64_t capacity, const graft_product *p) {
  for (uint64_t i = hash(p);; i++) {
    slot *s = &slots[i & (uint64_t)(capacity - 1)];
    if (!s->used || memcmp(&s->key, p, sizeof *p) == 0) return s;
  }
}

static int grow(graft_onednn_context *context) {
  int64_t capacity = context->capacity * 2;
  slot *slots = calloc((size_t)capacity, sizeof(slot));
  if (!slots) return dnnl_out_of_memory;
  for (int64_t i = 0; i < context->capacity; i++)
    if (context->slots[i].used) *find(slots, capacity, &context->slots[i].key) = context->slots[i];
  free(context->slots);
  context->slots = slots;
  context->capacity = capacity;
  return dnnl_success;
}

static int create(slot *s, const graft_product *p) {
  dnnl_memory_desc_t a, b, c;
  const dnnl_data_type_t operand = p->operand == GRAFT_BF16 ? dnnl_bf16 : dnnl_f32;
  const dnnl_data_type_t result = p->result == GRAFT_BF16 ? dnnl_bf16 : dnnl_f32;
  const dnnl_dims_t a_dims = {p->m, p->k}, b_dims = {p->k, p->n}, c_dims = {p->m, p->n};
  const dnnl_dims_t a_strides = {p->a_row, p->a_column}, b_strides = {p->b_row, p->b_column};
  const dnnl_dims_t c_strides = {p->c_row, 1};
  dnnl_matmul_desc_t description;
  dnnl_primitive_attr_t attributes = NULL;
  dnnl_post_ops_t post = NULL;
  dnnl_primitive_desc_t primitive = NULL;
  int status;
#define TRY(call) \
  if ((status = (call)) != dnnl_success) goto done
  TRY(p_dnnl_memory_desc_init_by_strides(&a, 2, a_dims, operand, a_strides));
  TRY(p_dnnl_memory_desc_init_by_strides(&b, 2, b_dims, operand, b_strides));
  TRY(p_dnnl_memory_desc_init_by_strides(&c, 2, c_dims, result, c_strides));
  TRY(p_dnnl_matmul_desc_init(&description, &a, &b, NULL, &c));
  TRY(p_dnnl_primitive_attr_create(&attributes));
  if (p->accumulate) {
    TRY(p_dnnl_post_ops_create(&post));
    TRY(p_dnnl_post_ops_append_sum(post, 1.0f));
    TRY(p_dnnl_primitive_attr_set_post_ops(attributes, post));
  }
  TRY(p_dnnl_primitive_desc_create(&primitive, &description, attributes, engine, NULL));
  TRY(p_dnnl_primitive_create(&s->primitive, primitive));
  TRY(p_dnnl_memory_create(&s->a, &a, engine, DNNL_MEMORY_NONE));
  TRY(p_dnnl_memory_create(&s->b, &b, engine, DNNL_MEMORY_NONE));
  TRY(p_dnnl_memory_create(&s->c, &c, engine, DNNL_MEMORY_NONE));
done:
  if (primitive) p_dnnl_primitive_desc_destroy(primitive);
  if (post) p_dnnl_post_ops_destroy(post);
  if (attributes) p_dnnl_primitive_attr_destroy(attributes);
  return status;
#undef TRY
}

int graft_onednn_multiply(
    graft_onednn_context *context, const graft_product *p, const void *a, const void *b, void *c) {
  if (graft_empty_product(p, c)) return dnnl_success;
  slot *s = find(context->slots, context->capacity, p);
  int status;
  if (!s->used) {
    if (context->count * 2 >= context->capacity) {
      if ((status = grow(context)) != dnnl_success) return status;
      s = find(context->slots, context->capacity, p);
    }
    if ((status = create(s, p)) != dnnl_success) return status;
    s->key = *p;
    s->used = true;
    context->count++;
  }
  // oneDNN takes inputs as void * though it only reads them.
  p_dnnl_memory_set_data_handle_v2(s->a, (void *)(uintptr_t)a, context->stream);
  p_dnnl_memory_set_data_handle_v2(s->b, (void *)(uintptr_t)b, context->stream);
  p_dnnl_memory_set_data_handle_v2(s->c, c, context->stream);
  const dnnl_exec_arg_t arguments[] = {{DNNL_ARG_SRC, s->a}, {DNNL_ARG_WEIGHTS, s->b}, {DNNL_ARG_DST, s->c}};
  return p_dnnl_primitive_execute(s->primitive, context->stream, 3, arguments);
}

#else

bool graft_load_onednn(char *version, size_t size) {
  (void)version;
  (void)size;
  return false;
}
graft_onednn_context *graft_onednn_context_create(void) { return 0; }
void graft_onednn_context_destroy(graft_onednn_context *context) { (void)context; }
int graft_onednn_multiply(
    graft_onednn_context *context, const graft_product *product, const void *a, const void *b, void *c) {
  (void)context, (void)product, (void)a, (void)b, (void)c;
  return -1;
}
int64_t graft_onednn_cached_primitives(const graft_onednn_context *context) {
  (void)context;
  return 0;
}

#endif
