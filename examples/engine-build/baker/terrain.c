#define STB_PERLIN_IMPLEMENTATION
#include <stb/stb_perlin.h>
#include <stdlib.h>

#include "bake.h"

struct band {
  float below; /* height from -1 to 1 */
  unsigned char colour[3];
};

static const struct band BANDS[] = {
    {-0.15f, {28, 60, 120}}, {-0.02f, {60, 120, 180}}, {0.04f, {210, 200, 150}},
    {0.25f, {80, 140, 60}},  {0.45f, {110, 100, 90}},  {2.0f, {240, 240, 245}},
};

static const unsigned char *colour_of(float height) {
  const struct band *band = BANDS;
  while (height >= band->below) band++;
  return band->colour;
}

struct image make_terrain(unsigned seed, int size) {
  struct image image = {size, malloc((size_t)size * size * 4)};
  if (image.rgba == NULL) fail("terrain", "out of memory");
  unsigned char *pixel = image.rgba;
  for (int y = 0; y < size; y++) {
    for (int x = 0; x < size; x++, pixel += 4) {
      float height = stb_perlin_fbm_noise3(4.0f * x / size, 4.0f * y / size, seed * 17.3f, 2.0f, 0.5f, 6);
      const unsigned char *colour = colour_of(height);
      for (int channel = 0; channel < 3; channel++) pixel[channel] = colour[channel];
      pixel[3] = 255;
    }
  }
  return image;
}
