"""What the demo prints: sober lines, colours on a terminal only."""

import os
import sys
from dataclasses import dataclass

YES, NO = "✓", "✗"
STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "cyan": "36"}
TRIED, ANSWER = 50, 30


@dataclass
class Row:
    """One attempt: what was tried, what the broker answered, what the audit recorded."""

    tried: str
    answer: str
    recorded: str
    good: bool


class Screen:
    def __init__(self, out=sys.stdout):
        self.out = out
        self.rows = []
        self.faults = []
        self._colours = out.isatty() and "NO_COLOR" not in os.environ

    def style(self, name, text):
        return f"\x1b[{STYLES[name]}m{text}\x1b[0m" if self._colours else text

    def line(self, text=""):
        print(text, file=self.out, flush=True)

    def fact(self, name, text):
        self.line(f"  {self.style('dim', f'{name:<10}')} {text}")

    def act(self, title):
        self.line()
        self.line(self.style("bold", title))

    def say(self, text):
        self.line("  " + text)

    def quote(self, text):
        self.line("    " + self.style("dim", text))

    def heading(self):
        """The names of the columns that `attempt` fills."""
        self.line("    " + self.style("dim", f"{'what was tried':<{TRIED}} {'the broker answered':<{ANSWER}} in the audit"))

    def check(self, claim, good, detail=""):
        """One claim that must hold; a false one makes the demo fail."""
        if not good:
            self.faults.append(claim)
        self.line(f"  {self._mark(good)} {claim}" + (f"  {self.style('dim', detail)}" if detail else ""))

    def attempt(self, row):
        """One row, also kept for the table at the end."""
        self.rows.append(row)
        if not row.good:
            self.faults.append(row.tried)
        self._print(row)

    def table(self):
        self.heading()
        for row in self.rows:
            self._print(row)

    def _print(self, row):
        recorded = self.style("cyan" if row.good else "red", row.recorded)
        self.line(f"  {self._mark(row.good)} {row.tried:<{TRIED}} {row.answer:<{ANSWER}} {recorded}")

    def _mark(self, good):
        return self.style("green", YES) if good else self.style("red", NO)
