/* svg: pictures that say all by attributes, so that they show where a content policy blocks styles.
 * What is drawn in currentColor follows the page, light or dark; the other colors are of a middle
 * tone that stands out from both. */
#ifndef PANNE_REPORT_SVG_H
#define PANNE_REPORT_SVG_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/text.h"

/* Attributes for what means the same in all pictures. Failures and final errors are hatched, too:
 * color alone tells nothing. */
#define SVG_OK "fill=\"#3d8bd4\""
#define SVG_FAILED "fill=\"url(#hatch-failed)\" stroke=\"#dd5a2b\" stroke-width=\"1\""
#define SVG_FINAL "fill=\"url(#hatch-final)\" stroke=\"#9a6ad0\" stroke-width=\"1\""
#define SVG_OTHER "fill=\"none\" stroke=\"currentColor\" stroke-width=\"1\""
#define SVG_FAULT "fill=\"#b8860b\""
#define SVG_LINE "fill=\"none\" stroke=\"currentColor\" stroke-width=\"1.5\""
#define SVG_DASHED SVG_LINE " stroke-dasharray=\"5 3\""
#define SVG_DOTTED SVG_LINE " stroke-dasharray=\"1.5 3\""
#define SVG_AXIS "stroke=\"currentColor\" stroke-opacity=\".55\""
#define SVG_GRID "stroke=\"currentColor\" stroke-opacity=\".15\""
#define SVG_INK "fill=\"currentColor\""
#define SVG_RIGHT SVG_INK " text-anchor=\"end\""
#define SVG_MIDDLE SVG_INK " text-anchor=\"middle\""

enum { SVG_LETTER = 7 }; /* about the width of one, at the size of all pictures */

struct svg {
    const char *id; /* unique in the page */
    double width, height;
    bool whole;        /* as wide as the page; else as wide as it says */
    struct text title; /* what it is, and what it shows, for those who do not see it */
    struct text about;
};

/* The hatches, once for each page, in a picture without a size. */
void svg_hatches(struct buffer *out);
void svg_begin(const struct svg *svg, struct buffer *out);
void svg_end(struct buffer *out);
/* A group of one look, and its end. */
void svg_group(const char *attributes, struct buffer *out);
void svg_group_end(struct buffer *out);
void svg_box(double x, double y, double width, double height, const char *attributes,
             struct buffer *out);
/* The same, with words that show when somebody points at it. */
void svg_box_told(double x, double y, double width, double height, const char *attributes,
                  struct text words, struct buffer *out);
void svg_line(double x1, double y1, double x2, double y2, const char *attributes,
              struct buffer *out);
/* Cut with an ellipsis where it would be longer than `room`. */
void svg_words(double x, double y, double room, const char *attributes, struct text words,
               struct buffer *out);
/* A path: begin it, lead it on from point to point (`first` lifts the pen), end it. */
void svg_path(const char *attributes, struct buffer *out);
void svg_point(double x, double y, bool first, struct buffer *out);
void svg_path_end(struct buffer *out);

#endif
