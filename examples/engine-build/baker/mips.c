#define STB_IMAGE_RESIZE_IMPLEMENTATION
#include <stb/stb_image_resize.h>
#include <stdlib.h>

#include "bake.h"

struct image half(struct image full) {
  int size = full.size / 2;
  struct image image = {size, malloc((size_t)size * size * 4)};
  if (image.rgba == NULL ||
      !stbir_resize_uint8(full.rgba, full.size, full.size, 0, image.rgba, size, size, 0, 4))
    fail("mips", "out of memory");
  return image;
}
