#include <stdint.h>
#include <stdio.h>

#include "bake.h"

enum { SMALLEST = 4 };

static void put(FILE *file, const char *path, const void *data, size_t bytes) {
  if (fwrite(data, 1, bytes, file) != bytes) fail(path, "cannot be written");
}

int write_pack(const char *path, struct image full) {
  FILE *file = fopen(path, "wb");
  if (file == NULL) fail(path, "cannot be made");
  int levels = 0;
  put(file, path, "BAKE", 4);
  for (struct image level = full; level.size >= SMALLEST; level = half(level), levels++) {
    size_t bytes;
    unsigned char *data = compress(level, &bytes);
    uint32_t header[] = {(uint32_t)level.size, (uint32_t)bytes};
    put(file, path, header, sizeof header);
    put(file, path, data, bytes);
  }
  if (fclose(file) != 0) fail(path, "cannot be written");
  return levels;
}
