/* Bakes a terrain texture: a PNG to look at, and a pack of compressed mip levels for the game. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "bake.h"

enum { SMALLEST = 4, LARGEST = 8192 };

_Noreturn void fail(const char *what, const char *why) {
  fprintf(stderr, "bake: %s: %s\n", what, why);
  exit(1);
}

static long number(const char *name, const char *text, long least, long most) {
  char *end;
  errno = 0;
  long value = strtol(text, &end, 10);
  if (errno != 0 || end == text || *end != '\0' || value < least || value > most)
    fail(name, "is not a whole number in its range");
  return value;
}

int main(int count, char **arguments) {
  if (count != 4) {
    fprintf(stderr, "usage: bake SEED SIZE NAME\nWrites NAME.png and NAME.pack. SIZE: a power of two, 4 to 8192.\n");
    return 2;
  }
  unsigned seed = (unsigned)number("SEED", arguments[1], 0, 1000000);
  int size = (int)number("SIZE", arguments[2], SMALLEST, LARGEST);
  if ((size & (size - 1)) != 0) fail("SIZE", "is not a power of two");
  char png[4096], pack[4096];
  if (snprintf(png, sizeof png, "%s.png", arguments[3]) >= (int)sizeof png ||
      snprintf(pack, sizeof pack, "%s.pack", arguments[3]) >= (int)sizeof pack)
    fail("NAME", "is too long");
  struct image terrain = make_terrain(seed, size);
  write_png(png, terrain);
  check_png(png, terrain);
  printf("baked terrain %u: %d levels from %d x %d\n", seed, write_pack(pack, terrain), size, size);
  return 0;
}
