"""Replaced token detection against masked LM by share of the budget: a table and a plot from the grids of grid.sh.

    python3 curve.py RUNS OUTPUT.svg      # RUNS holds curve-1.875e12 … curve-1.5e13 and grid
"""

import json
import os
import sys

runs, output = sys.argv[1:3]
BUDGETS = [(6.25, "curve-1.875e12"), (12.5, "curve-3.75e12"), (25, "curve-7.5e12"), (50, "curve-1.5e13"), (100, "grid")]
OBJECTIVES = [("masked LM", "masked-lm"), ("replaced token detection", "replaced-token-detection")]
COLUMNS = ["average", "sst2.test", "nli"]


def column(row, name):
    if name == "average":
        return row["average"]
    return next(c for c in row["scores"] if c["column"] == name)


points = {}
for share, folder in BUDGETS:
    with open(os.path.join(runs, folder, "results.json")) as file:
        rows = {row["objective"]: row for row in json.load(file)["rows"] if row["objective"] in dict(OBJECTIVES).values()}
    for _, objective in OBJECTIVES:
        points[share, objective] = rows[objective]

print("| share of the budget | " + " | ".join(f"{name}, {c}" for c in COLUMNS for name, _ in OBJECTIVES) + " | held-out losses |")
print("|---:|" + "---:|" * (len(COLUMNS) * len(OBJECTIVES) + 1))
for share, _ in BUDGETS:
    cells = []
    for c in COLUMNS:
        for _, objective in OBJECTIVES:
            value = column(points[share, objective], c)
            cells.append(f"{value['mean']:.1f} ± {value['standardDeviation']:.1f}")
    losses = ", ".join(f"{sum(p['heldOut'] for p in points[share, o]['pretraining']) / len(points[share, o]['pretraining']):.2f}" for _, o in OBJECTIVES)
    print(f"| {share:g} % | " + " | ".join(cells) + f" | {losses} |")

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 360, 56, 16, 52, 44
values = [v for key in points for v in column(points[key], "average")["values"]]
low, high = min(values) - 1, max(values) + 1


def x(share):
    return LEFT + (WIDTH - LEFT - RIGHT) * (0.04 + 0.92 * [b for b, _ in BUDGETS].index(share) / (len(BUDGETS) - 1))


def y(value):
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - low) / (high - low)


svg = [
    f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="13">',
    "<style>text{fill:#333}.g{stroke:#ccc}.a{fill:none;stroke-width:2}@media (prefers-color-scheme:dark){text{fill:#ddd}.g{stroke:#444}}</style>",
]
for tick in range(int(low) + 1, int(high) + 1):
    svg.append(f'<line class="g" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(tick):.1f}" y2="{y(tick):.1f}"/>')
    svg.append(f'<text x="{LEFT - 8}" y="{y(tick) + 4:.1f}" text-anchor="end">{tick}</text>')
for share, _ in BUDGETS:
    svg.append(f'<text x="{x(share):.1f}" y="{HEIGHT - 22}" text-anchor="middle">{share:g} %</text>')
svg.append(f'<text x="{(LEFT + WIDTH) / 2}" y="{HEIGHT - 4}" text-anchor="middle">share of 3e13 FLOPs</text>')
svg.append(f'<text x="{LEFT}" y="18">average of the four tasks, mean and single seeds</text>')
for (name, objective), color, place in zip(OBJECTIVES, ("#0072b2", "#d55e00"), (56, 146)):
    line = " ".join(f"{x(s):.1f},{y(column(points[s, objective], 'average')['mean']):.1f}" for s, _ in BUDGETS)
    svg.append(f'<polyline class="a" stroke="{color}" points="{line}"/>')
    for share, _ in BUDGETS:
        for value in column(points[share, objective], "average")["values"]:
            svg.append(f'<circle cx="{x(share):.1f}" cy="{y(value):.1f}" r="3" fill="{color}"/>')
    svg.append(f'<text x="{place}" y="38" style="fill:{color}">{name}</text>')
svg.append("</svg>\n")
with open(output, "w") as file:
    file.write("\n".join(svg))
