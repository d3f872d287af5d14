/* html: one page that carries all with it. Its parts, a file each, in the order in which they stand
 * in the page. Without styles it reads from top to bottom; styles are added where the policy lets
 * them; there is no script. What comes from the run goes through report_escape. */
#ifndef PANNE_REPORT_HTML_H
#define PANNE_REPORT_HTML_H

#include <stdint.h>

#include "base/buffer.h"
#include "verdict/verdict.h"

void html_headline(const struct judgment *judgment, struct buffer *out);
void html_findings(const struct judgment *judgment, struct buffer *out);
void html_timeline(const struct judgment *judgment, struct buffer *out);
void html_operations(const struct judgment *judgment, struct buffer *out);
void html_gaps(const struct judgment *judgment, struct buffer *out);
void html_clients(const struct judgment *judgment, struct buffer *out);
void html_phases(const struct judgment *judgment, struct buffer *out);
void html_evidence(const struct judgment *judgment, struct buffer *out);

/* The sheet of styles, as it stands between <style> and </style>, and its hash as a content policy
 * names it. */
void html_style(struct buffer *out);
#define HTML_STYLE_HASH "sha256-/EnBD0/4RAJ3YPF/OGSvCBd7ApchFxyNl9aUPtngC/I="

#endif
