/* svg: the elements that pictures are made of. */
#include "report/svg.h"

#include <math.h>

#include "report/report.h"

/* To a tenth, which nobody sees, and short. */
static double tenth(double value)
{
    return round(value * 10) / 10;
}

static void add_attribute(const char *name, double value, struct buffer *out)
{
    buffer_format(out, " %s=\"%g\"", name, tenth(value));
}

void svg_hatches(struct buffer *out)
{
    static const struct {
        const char *name, *color;
        int angle;
    } rows[] = { { "failed", "#dd5a2b", 45 }, { "final", "#9a6ad0", -45 } };

    buffer_add_string(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"0\" height=\"0\" "
                           "aria-hidden=\"true\"><defs>");
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        buffer_format(out,
                      "<pattern id=\"hatch-%s\" width=\"4\" height=\"4\" "
                      "patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(%d)\">"
                      "<rect width=\"4\" height=\"4\" fill=\"%s\" fill-opacity=\".45\"/>"
                      "<rect width=\"2\" height=\"4\" fill=\"%s\"/></pattern>",
                      rows[i].name, rows[i].angle, rows[i].color, rows[i].color);
    buffer_add_string(out, "</defs></svg>\n");
}

void svg_begin(const struct svg *svg, struct buffer *out)
{
    buffer_format(out,
                  "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %g %g\" "
                  "role=\"img\" aria-labelledby=\"%s-title %s-about\" "
                  "font-family=\"system-ui,sans-serif\" font-size=\"12\"",
                  tenth(svg->width), tenth(svg->height), svg->id, svg->id);
    if (svg->whole)
        buffer_add_string(out, " width=\"100%\"");
    else
        buffer_format(out, " width=\"%g\" height=\"%g\"", tenth(svg->width), tenth(svg->height));
    buffer_format(out, ">\n<title id=\"%s-title\">", svg->id);
    report_escape(svg->title, out);
    buffer_format(out, "</title>\n<desc id=\"%s-about\">", svg->id);
    report_escape(svg->about, out);
    buffer_add_string(out, "</desc>\n");
}

void svg_end(struct buffer *out)
{
    buffer_add_string(out, "</svg>\n");
}

void svg_group(const char *attributes, struct buffer *out)
{
    buffer_format(out, "<g %s>\n", attributes);
}

void svg_group_end(struct buffer *out)
{
    buffer_add_string(out, "</g>\n");
}

static void begin_box(double x, double y, double width, double height, const char *attributes,
                      struct buffer *out)
{
    buffer_add_string(out, "<rect");
    add_attribute("x", x, out);
    add_attribute("y", y, out);
    add_attribute("width", fmax(width, 0), out);
    add_attribute("height", fmax(height, 0), out);
    if (*attributes)
        buffer_format(out, " %s", attributes);
}

void svg_box(double x, double y, double width, double height, const char *attributes,
             struct buffer *out)
{
    begin_box(x, y, width, height, attributes, out);
    buffer_add_string(out, "/>\n");
}

void svg_box_told(double x, double y, double width, double height, const char *attributes,
                  struct text words, struct buffer *out)
{
    begin_box(x, y, width, height, attributes, out);
    buffer_add_string(out, "><title>");
    report_escape(words, out);
    buffer_add_string(out, "</title></rect>\n");
}

void svg_line(double x1, double y1, double x2, double y2, const char *attributes,
              struct buffer *out)
{
    buffer_add_string(out, "<line");
    add_attribute("x1", x1, out);
    add_attribute("y1", y1, out);
    add_attribute("x2", x2, out);
    add_attribute("y2", y2, out);
    if (*attributes)
        buffer_format(out, " %s", attributes);
    buffer_add_string(out, "/>\n");
}

/* How many bytes of it are so many characters. */
static size_t bytes_of(struct text words, size_t characters)
{
    size_t at = 0;

    while (characters-- > 0 && at < words.length) {
        size_t length = text_character(text_from_offset(words, at));

        at += length > 0 ? length : 1;
    }
    return at;
}

void svg_words(double x, double y, double room, const char *attributes, struct text words,
               struct buffer *out)
{
    size_t fits = room < SVG_LETTER ? 0 : (size_t)fmin(room / SVG_LETTER, 1000);
    bool cut = bytes_of(words, fits) < words.length;

    if (fits == 0 || (cut && fits < 3))
        return;
    buffer_add_string(out, "<text");
    add_attribute("x", x, out);
    add_attribute("y", y, out);
    buffer_format(out, " %s>", attributes);
    report_escape(cut ? text_of(words.at, bytes_of(words, fits - 1)) : words, out);
    buffer_add_string(out, cut ? "\xe2\x80\xa6</text>\n" : "</text>\n");
}

void svg_path(const char *attributes, struct buffer *out)
{
    buffer_format(out, "<path %s d=\"", attributes);
}

void svg_point(double x, double y, bool first, struct buffer *out)
{
    buffer_format(out, "%c%g %g", first ? 'M' : 'L', tenth(x), tenth(y));
}

void svg_path_end(struct buffer *out)
{
    buffer_add_string(out, "\"/>\n");
}
