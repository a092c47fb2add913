/* Parts of the asset baker. Whatever is allocated here is freed by the end of the process. */
#ifndef BAKE_H
#define BAKE_H

#include <stddef.h>

struct image {
  int size; /* width and height in pixels, a power of two */
  unsigned char *rgba;
};

/* Ends the process with status 1 and says why. */
_Noreturn void fail(const char *what, const char *why);

/* The same seed gives the same terrain: fractal noise, coloured by height. */
struct image make_terrain(unsigned seed, int size);

/* The next smaller level of a mip chain. */
struct image half(struct image full);

/* Compresses to DXT1, half a byte a pixel. Takes images of at least 4 x 4 pixels. */
unsigned char *compress(struct image image, size_t *bytes);

void write_png(const char *path, struct image image);
/* Ends the process unless the file holds exactly this image. */
void check_png(const char *path, struct image image);

/* Writes all levels from the full size down to 4 x 4, compressed, after a header of their sizes. Returns their number. */
int write_pack(const char *path, struct image full);

#endif
