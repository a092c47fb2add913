#define STB_DXT_IMPLEMENTATION
#include <stb/stb_dxt.h>
#include <stdlib.h>
#include <string.h>

#include "bake.h"

enum { SIDE = 4, BLOCK = 8 };

unsigned char *compress(struct image image, size_t *bytes) {
  int blocks = image.size / SIDE;
  *bytes = (size_t)blocks * blocks * BLOCK;
  unsigned char *out = malloc(*bytes), *next = out;
  if (out == NULL) fail("dxt", "out of memory");
  unsigned char square[SIDE * SIDE * 4];
  for (int y = 0; y < image.size; y += SIDE) {
    for (int x = 0; x < image.size; x += SIDE, next += BLOCK) {
      for (int row = 0; row < SIDE; row++)
        memcpy(square + row * SIDE * 4, image.rgba + ((size_t)(y + row) * image.size + x) * 4, SIDE * 4);
      stb_compress_dxt_block(next, square, 0, STB_DXT_HIGHQUAL);
    }
  }
  return out;
}
