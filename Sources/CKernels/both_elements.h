// Private, without a guard: includes the file named TEMPLATE once per element type.

#define ELEMENT float
#define NAME(x) x##_f32
#define LOAD load_f32
#define STORE store_f32
#include TEMPLATE
#undef ELEMENT
#undef NAME
#undef LOAD
#undef STORE

#define ELEMENT bf16
#define NAME(x) x##_bf16
#define LOAD load_bf16
#define STORE store_bf16
#include TEMPLATE
#undef ELEMENT
#undef NAME
#undef LOAD
#undef STORE

#undef TEMPLATE
