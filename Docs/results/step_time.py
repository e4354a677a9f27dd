#!/usr/bin/env python3
"""Fits a model of the time of an update to what network.py has measured, and says what it expects of more nodes.

    python3 Docs/results/step_time.py Docs/results/network.json --write Docs/DISTRIBUTED.md

An update of P parameters by R ranks of one core, each of which computes n tokens and sends B bytes over a link of a rate r
and a delay d, takes

    c n + u P / R + k B + B / r + m d

seconds: c for the forward and backward pass of a token, of each size its own; u for the update of a value, of which each
rank does its part; k for the way of a byte through both kernels; B / r on the wire; m times the delay. c, u, k and m are
fitted by least squares of relative errors and are not negative. B is 8 P (R - 1) / R at most. Left out is what one rank
has to do for each other one, which two ranks do not show, and a network that is not as wide as all of its links together.
--write puts the tables between the marks of a page. Needs nothing but Python 3.8.
"""

import argparse
import json
import statistics

LINKS = {"10 Gbit/s, 50 us": (10e9, 50e-6), "1 Gbit/s, 0.2 ms": (1e9, 200e-6), "100 Mbit/s, 5 ms": (100e6, 5e-3)}
NODES = (8, 64, 512)
CORES = (1, 32)
WANTED = 0.9
MARKS = ("<!-- step time -->\n", "<!-- /step time -->\n")


def features(row, sizes):
    rate, delay = LINKS.get(row["link"], (float("inf"), 0.0))
    sent = row.get("sentBytesPerStep", 0)
    # Two shards in any case: two ranks of one, or one process of two.
    compute = [row["tokensPerStep"] / 2 if row["size"] == size else 0.0 for size in sizes]
    return compute + [row["parameters"] / 2, float(sent), delay], sent * 8 / rate


def solved(matrix, right):
    """Solves a square system by elimination with pivots."""
    count = len(right)
    rows = [list(line) + [value] for line, value in zip(matrix, right)]
    for column in range(count):
        pivot = max(range(column, count), key=lambda row: abs(rows[row][column]))
        rows[column], rows[pivot] = rows[pivot], rows[column]
        for row in range(count):
            if row != column:
                factor = rows[row][column] / rows[column][column]
                rows[row] = [a - factor * b for a, b in zip(rows[row], rows[column])]
    return [rows[index][count] / rows[index][index] for index in range(count)]


def fitted(rows, sizes):
    """The coefficients; one that would be negative is 0 and the others are fitted again."""
    lines, values = [], []
    for row in rows:
        time = statistics.median(row["stepSeconds"])
        found, known = features(row, sizes)
        lines.append([value / time for value in found])
        values.append((time - known) / time)
    # Of like magnitude, for the sake of digits.
    scales = [max(line[index] for line in lines) for index in range(len(lines[0]))]
    used = list(range(len(scales)))
    while True:
        matrix = [
            [sum(line[i] / scales[i] * line[j] / scales[j] for line in lines) for j in used] for i in used]
        right = [sum(line[i] / scales[i] * value for line, value in zip(lines, values)) for i in used]
        found = solved(matrix, right)
        if min(found) >= 0:
            break
        used.remove(used[found.index(min(found))])
    result = [0.0] * len(scales)
    for index, value in zip(used, found):
        result[index] = value / scales[index]
    return result


def table(titles, rows):
    lines = ["| " + " | ".join(titles) + " |", "|---" + "|---:" * (len(titles) - 1) + "|"]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def shown(value):
    return "%d" % value if value >= 100 else "%.2g" % value


def pages(rows):
    sizes = sorted({row["size"] for row in rows}, key="SML".index)
    *compute, update, way, trips = coefficients = fitted(rows, sizes)
    parameters = {row["size"]: row["parameters"] for row in rows}
    text = "Fitted to %d runs: " % len(rows)
    text += ", ".join("c = %s µs a token (%s)" % (shown(c * 1e6), size) for c, size in zip(compute, sizes))
    text += "; u = %s ns a value; k = %s ns a byte; m = %s.\n\n" % (shown(update * 1e9), shown(way * 1e9), shown(trips))
    lines, errors = [], []
    for row in rows:
        found, known = features(row, sizes)
        model = known + sum(a * b for a, b in zip(coefficients, found))
        time = statistics.median(row["stepSeconds"])
        errors.append(model / time - 1)
        lines.append([
            "%s, %s, %s" % (row["size"], row["link"] if row["ranks"] > 1 else "one process", row.get("traffic", "–")),
            "{:,}".format(row["tokensPerStep"]), "%.2f" % time, "%.2f" % model, "%+.0f %%" % (100 * errors[-1])])
    text += table(["size, link, gradients", "tokens", "measured, s", "model, s", "error"], lines)
    text += "\nThe model is off by %.0f %% on average and %.0f %% at most.\n\n" % (
        100 * statistics.mean(map(abs, errors)), 100 * max(map(abs, errors)))
    size = sizes[-1]
    values, seconds = parameters[size], compute[-1]
    lines = []
    for name, (rate, delay) in LINKS.items():
        for cores in CORES:
            cells = []
            for nodes in NODES:
                sent = 8 * values * (nodes - 1) / nodes
                rest = update * values / nodes / cores + sent * (way + 8 / rate) + trips * delay
                # Efficiency is the time of a node by itself, for as many tokens, over that of one of many.
                each = (WANTED * rest - update * values / cores) / (1 - WANTED) / (seconds / cores)
                each = max(each, 0)
                cells.append("{:,} · {:,.0f} = {:,.1f} M".format(nodes, each, nodes * each / 1e6))
            lines.append(["%s, nodes of %d core%s" % (name, cores, "s" if cores > 1 else "")] + cells)
    text += "Tokens of an update that keep %.0f %% at size %s (%.1f million parameters, f32), nodes · tokens of each:\n\n" % (
        100 * WANTED, size, values / 1e6)
    return text + table(["link"] + ["%d nodes" % nodes for nodes in NODES], lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("figures", help="the file of network.py")
    parser.add_argument("--write", help="the page with the marks")
    options = parser.parse_args()
    with open(options.figures) as file:
        rows = [row for row in json.load(file)["rows"] if row["system"] == "graft"]
    text = pages(rows)
    if not options.write:
        return print(text, end="")
    with open(options.write) as file:
        page = file.read()
    start, end = page.index(MARKS[0]) + len(MARKS[0]), page.index(MARKS[1])
    with open(options.write, "w") as file:
        file.write(page[:start] + "\n" + text + "\n" + page[end:])


if __name__ == "__main__":
    main()
