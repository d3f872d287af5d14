/* github: texts within the commands by which a step of a GitHub workflow talks to its runner
 * (docs.github.com, "Workflow commands for GitHub Actions"). */
#ifndef PANNE_BASE_GITHUB_H
#define PANNE_BASE_GITHUB_H

#include "base/buffer.h"
#include "base/text.h"

/* What stands behind `::`. */
void github_add_data(struct buffer *out, struct text text);
/* The value of a property: `file=VALUE,line=…`. */
void github_add_property(struct buffer *out, struct text text);

#endif
