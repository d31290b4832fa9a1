/*
 * Links two bundles into one program: two contexts over one copy of the weights each, whose sizes change between runs
 * while the others' stay. Writes every output as raw floats, run after run, to the file named last.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "attention-block/model.h"
#include "broadcast-relu/model.h"

enum { row = 1000, width = 32, most = 64 };

/* Exact in binary, and of both signs: element i of the input of run `seed`. */
static float sample(int64_t i, int seed) { return (float)((i * 37 + seed * 11) % 101 - 50) / 32.0f; }

static float* filled(int64_t count, int seed) {
  float* data = malloc((size_t)(count > 0 ? count : 1) * sizeof(float));
  if (!data) exit(3);
  for (int64_t i = 0; i < count; ++i) data[i] = sample(i, seed);
  return data;
}

static void require(int status, const char* what) {
  if (status == 0) return;
  fprintf(stderr, "%s (status %d)\n", what, status);
  exit(1);
}

static void relu(broadcast_relu_context* c, int64_t rows, int seed, FILE* to) {
  static float y[most * row];
  float* a = filled(rows * row, seed);
  float* b = filled(row, seed + 1);
  const void* in[] = {a, b};
  void* out[] = {y};
  require(broadcast_relu_set_dims(c, &rows), broadcast_relu_error(c));
  require(broadcast_relu_run(c, NULL, in, out, 0), broadcast_relu_error(c));
  if (broadcast_relu_output_shape(c, 0)[0] != rows) require(-1, "broadcast_relu tells another shape");
  fwrite(y, sizeof(float), (size_t)(rows * row), to);
  free(a);
  free(b);
}

static void attention(attention_block_context* c, int64_t tokens, int seed, FILE* to) {
  static float y[most * width];
  float* x = filled(tokens * width, seed);
  const void* in[] = {x};
  void* out[] = {y};
  require(attention_block_set_dims(c, &tokens), attention_block_error(c));
  require(attention_block_run(c, NULL, in, out, 0), attention_block_error(c));
  if (attention_block_output_shape(c, 0)[1] != tokens) require(-1, "attention_block tells another shape");
  fwrite(y, sizeof(float), (size_t)(tokens * width), to);
  free(x);
}

int main(int argc, char** argv) {
  char error[512] = "";
  broadcast_relu_model* first = NULL;
  attention_block_model* second = NULL;
  broadcast_relu_context* r[2];
  attention_block_context* t[2];
  FILE* to;
  if (argc != 4) return fprintf(stderr, "usage: %s BROADCAST_RELU ATTENTION_BLOCK OUT\n", argv[0]), 2;
  to = fopen(argv[3], "wb");
  if (!to) return fprintf(stderr, "%s cannot be written\n", argv[3]), 2;
  require(broadcast_relu_load(argv[1], 0, &first, error, sizeof error), error);
  require(attention_block_load(argv[2], 0, &second, error, sizeof error), error);
  for (int i = 0; i < 2; ++i) {
    require(broadcast_relu_create(first, &r[i]), "no context for broadcast_relu");
    require(attention_block_create(second, &t[i]), "no context for attention_block");
  }
  /* The sizes of RUNS in samples.mjs, in its order. */
  relu(r[0], 3, 1, to);
  attention(t[0], 5, 2, to);
  relu(r[1], 50, 3, to);
  attention(t[1], 17, 4, to);
  relu(r[0], 1, 5, to);
  attention(t[0], 33, 6, to);
  relu(r[1], 50, 7, to);
  attention(t[1], 1, 8, to);
  for (int i = 0; i < 2; ++i) {
    broadcast_relu_destroy(r[i]);
    attention_block_destroy(t[i]);
  }
  broadcast_relu_unload(first);
  attention_block_unload(second);
  return fclose(to) == 0 ? 0 : 1;
}
