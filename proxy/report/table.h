/* The formats of reports, in the order of manuals and help: REPORT(name). */
REPORT(text)
REPORT(html)
REPORT(json)
REPORT(junit)
REPORT(tap)
REPORT(markdown)
REPORT(github)
REPORT(har)
