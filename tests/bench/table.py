"""table: the figures beside their goals."""
import statistics

# A goal that is another proxy's figure is met within what the same binary differs from itself.
NOISE = 1.05
HEADS = ("work", "figure", "panne", "nginx", "haproxy", "/nginx", "/haproxy", "goal", "met")


class Figure:
    """One line: what was measured of each, and what panne should reach.

    `values` holds for each name the figure of every round, in the same order, so that ratios are
    of one round each. `goal` is a number, a peer's name, or None.
    """

    def __init__(self, work, name, values, goal=None, digits=1):
        self.work = work
        self.name = name
        self.values = values
        self.goal = goal
        self.digits = digits

    def median(self, name):
        return statistics.median(self.values[name]) if self.values.get(name) else None

    def ratio(self, peer):
        mine, theirs = self.values.get("panne"), self.values.get(peer)
        if not mine or not theirs:
            return None
        return statistics.median(a / b for a, b in zip(mine, theirs) if b)

    def met(self):
        """yes, no, or ~ for a peer's figure missed by no more than noise."""
        if self.goal is None:
            return ""
        if not isinstance(self.goal, str):
            return "yes" if self.median("panne") <= self.goal else "NO"
        ratio = self.ratio(self.goal)
        if ratio is None:
            return "?"
        return "yes" if ratio <= 1 else "~" if ratio <= NOISE else "NO"

    def cells(self):
        def number(value, digits):
            return "" if value is None else f"{value:,.{digits}f}"

        goal = self.goal if isinstance(self.goal, str) else number(self.goal, self.digits)
        return [self.work, self.name,
                *(number(self.median(name), self.digits) for name in ("panne", "nginx", "haproxy")),
                *(number(self.ratio(name), 2) for name in ("nginx", "haproxy")),
                "<= " + goal if goal else "", self.met()]


class Table:
    def __init__(self):
        self.figures = []
        self.notes = []

    def add(self, *arguments, **named):
        self.figures.append(Figure(*arguments, **named))

    def note(self, text):
        self.notes.append(text)

    def text(self):
        lines = [list(HEADS)]
        for figure in self.figures:
            cells = figure.cells()
            if lines and figure.work == self._work_above(figure):
                cells[0] = ""
            lines.append(cells)
        widths = [max(len(line[place]) for line in lines) for place in range(len(HEADS))]
        out = []
        for line in lines:
            cells = [cell.ljust(width) if place < 2 or place > 6 else cell.rjust(width)
                     for place, (cell, width) in enumerate(zip(line, widths))]
            out.append("  ".join(cells).rstrip())
        out.insert(1, "  ".join("-" * width for width in widths))
        out += ["", "Medians of the rounds; /nginx and /haproxy: panne's figure by theirs, the "
                "median of each round's ratio.",
                "met: ~ is a peer's figure missed by no more than 5 %, what the same binary "
                "differs from itself."]
        return "\n".join(out + self.notes) + "\n"

    def _work_above(self, figure):
        place = self.figures.index(figure)
        return self.figures[place - 1].work if place else None
