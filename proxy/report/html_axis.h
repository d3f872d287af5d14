/* html_axis: the scale of time that the lanes of the timeline share, its phases and its ticks. */
#ifndef PANNE_REPORT_HTML_AXIS_H
#define PANNE_REPORT_HTML_AXIS_H

#include "base/buffer.h"
#include "base/time.h"
#include "verdict/verdict.h"

struct html_axis {
    double left, right; /* where time 0 and `length` stand */
    usec length;
};

double html_axis_x(const struct html_axis *axis, usec time);
/* Bands from top to bottom, tinted where faults were exercised, and their names over them in two
 * rows of 15. */
void html_axis_phases(const struct html_axis *axis, const struct judgment *judgment, double top,
                      double bottom, struct buffer *out);
/* Ticks with the time since the start, and that of the day below it, if it is known. */
void html_axis_ticks(const struct html_axis *axis, const struct judgment *judgment, double top,
                     double bottom, struct buffer *out);

#endif
