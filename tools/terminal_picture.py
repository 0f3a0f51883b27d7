#!/usr/bin/env python3
"""A terminal's screen with its colours (tmux capture-pane -pe) on standard input -> an SVG on standard output."""
import html
import re
import sys

COLOURS = {30: "#3b4252", 31: "#bf616a", 32: "#a3be8c", 33: "#ebcb8b", 34: "#81a1c1", 35: "#b48ead", 36: "#88c0d0",
           37: "#e5e9f0", 90: "#7b88a1", 91: "#d08770", 92: "#b5d19c", 93: "#f0d8a8", 94: "#9db8d9", 95: "#c9a8c4",
           96: "#a3d3de", 97: "#ffffff"}
INK, PAPER, CELL, LINE, EDGE = "#d8dee9", "#242933", 8.4, 19, 18


def spans(line):
    """Pieces of a line with the colour, weight and dimness in force."""
    colour, bold, dim = INK, False, False
    for piece in re.split(r"(\x1b\[[0-9;]*m)", line):
        if not piece.startswith("\x1b["):
            if piece:
                yield piece, colour, bold, dim
            continue
        for code in [int(n or 0) for n in piece[2:-1].split(";")]:
            if code == 0:
                colour, bold, dim = INK, False, False
            elif code == 1:
                bold = True
            elif code == 2:
                dim = True
            elif code == 39:
                colour = INK
            elif code in COLOURS:
                colour = COLOURS[code]


def main():
    lines = [line.rstrip("\n") for line in sys.stdin]
    while lines and not lines[-1].strip():
        lines.pop()
    bare = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in lines]
    width = max(map(len, bare), default=1) * CELL + 2 * EDGE
    height = len(lines) * LINE + 2 * EDGE
    print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height}" role="img">')
    print(f'<rect width="100%" height="100%" rx="8" fill="{PAPER}"/>')
    print('<g font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="14" xml:space="preserve">')
    for row, line in enumerate(lines):
        column = 0
        for text, colour, bold, dim in spans(line):
            style = ' font-weight="bold"' if bold else ""
            style += ' opacity="0.6"' if dim else ""
            print(f'<text x="{EDGE + column * CELL:.1f}" y="{EDGE + row * LINE + 14}" fill="{colour}"{style} '
                  f'textLength="{len(text) * CELL:.1f}">{html.escape(text)}</text>')
            column += len(text)
    print("</g>\n</svg>")


main()
