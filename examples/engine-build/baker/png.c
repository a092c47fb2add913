#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_WRITE_IMPLEMENTATION
#include <stb/stb_image.h>
#include <stb/stb_image_write.h>
#include <string.h>

#include "bake.h"

void write_png(const char *path, struct image image) {
  if (!stbi_write_png(path, image.size, image.size, 4, image.rgba, image.size * 4))
    fail(path, "cannot be written");
}

void check_png(const char *path, struct image image) {
  int width, height, channels;
  unsigned char *read = stbi_load(path, &width, &height, &channels, 4);
  if (read == NULL) fail(path, stbi_failure_reason());
  if (width != image.size || height != image.size ||
      memcmp(read, image.rgba, (size_t)image.size * image.size * 4) != 0)
    fail(path, "holds another image than was written");
}
