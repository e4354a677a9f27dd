"""The Parquet files of this folder, by the writers that people have, and what is in them as JSON lines (rows.jsonl,
nested.jsonl, kinds.jsonl).

    pip install pyarrow fastparquet polars duckdb datasets
    python3 Tests/Fixtures/parquet/make_parquet.py
"""
import datetime, decimal, json, pathlib

import datasets, duckdb, pandas, polars, pyarrow, pyarrow.parquet

HERE = pathlib.Path(__file__).parent
TEXTS = ["A man, \"sleeping\".", "Zwölf Boxkämpfer\njagen", "", "tab\tand \\ and \u0001", "日本語 🦒", None]
ROWS = [{"text": TEXTS[i % 6], "label": [0, 1, None, -7][i % 4], "score": [0.5, None, -1e-7, 3.0][i % 4],
         "ok": [True, False, None][i % 3], "id": i * 1_000_003} for i in range(200)]
NESTED = [{"translation": {"de": f"Satz {i}", "en": None if i % 3 else f"sentence {i}"},
           "answers": {"text": [f"a{j}" for j in range(i % 4)], "start": [j * i for j in range(i % 4)]},
           "lists": None if i % 5 == 0 else [[j] * (i % 3) for j in range(i % 3)],
           "turns": [{"role": "user", "content": f"c{j}"} for j in range(i % 3)]} for i in range(40)]


def lines(name, rows):
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (HERE / name).write_text(text)


def arrow(name, rows, **options):
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), HERE / name, **options)


lines("rows.jsonl", ROWS)
lines("nested.jsonl", NESTED)
for codec in ["none", "snappy", "gzip", "zstd", "brotli", "lz4"]:
    arrow(f"rows-{codec}.parquet", ROWS, compression=codec)
arrow("rows-v2.parquet", ROWS, data_page_version="2.0", version="2.6", compression="snappy")
arrow("rows-plain.parquet", ROWS, use_dictionary=False, data_page_size=300, row_group_size=70)
arrow("rows-delta.parquet", ROWS, use_dictionary=False, data_page_version="2.0", column_encoding={
    "text": "DELTA_BYTE_ARRAY", "label": "DELTA_BINARY_PACKED", "id": "DELTA_BINARY_PACKED",
    "score": "BYTE_STREAM_SPLIT", "ok": "RLE"})
arrow("rows-lengths.parquet", ROWS, use_dictionary=False, column_encoding={"text": "DELTA_LENGTH_BYTE_ARRAY"})
polars.DataFrame(ROWS).write_parquet(HERE / "rows-polars.parquet")
frame = pandas.DataFrame(ROWS).astype({"label": "Int64", "ok": "boolean"})
duckdb.sql("copy frame to '%s' (format parquet, parquet_version v2)" % (HERE / "rows-duckdb.parquet"))
frame.to_parquet(HERE / "rows-fastparquet.parquet", engine="fastparquet", compression="snappy")
arrow("nested.parquet", NESTED)
arrow("nested-v2.parquet", NESTED, data_page_version="2.0", use_dictionary=False, data_page_size=200)

kinds = pyarrow.table({
    "day": pyarrow.array([datetime.date(2020, 2, 29)]),
    "time": pyarrow.array([datetime.datetime(2020, 2, 29, 12, 30)], pyarrow.timestamp("us")),
    "price": pyarrow.array([decimal.Decimal("-0.05")], pyarrow.decimal128(20, 2)),
    "byte": pyarrow.array([200], pyarrow.uint8()), "long": pyarrow.array([2**64 - 1], pyarrow.uint64()),
    "single": pyarrow.array([0.1], pyarrow.float32()), "nan": pyarrow.array([float("nan")]),
    "picture": pyarrow.array([b"\xff\xd8"]), "map": pyarrow.array([[("a", 1)]], pyarrow.map_(pyarrow.string(), pyarrow.int32())),
})
pyarrow.parquet.write_table(kinds, HERE / "kinds.parquet")
lines("kinds.jsonl", [{
    "day": 18321, "time": 1582979400000000, "price": -0.05, "byte": 200, "long": 2**64 - 1, "single": 0.1, "nan": None,
    "picture": None, "map": [{"key": "a", "value": 1}]}])
pyarrow.parquet.write_table(
    pyarrow.table({"time": kinds["time"]}), HERE / "int96.parquet", use_deprecated_int96_timestamps=True)

labels = datasets.Features({"text": datasets.Value("string"), "label": datasets.ClassLabel(names=["bad", "good"])})
datasets.Dataset.from_dict(
    {"text": [f"a review of the film number {i}" for i in range(60)], "label": [-1 if i % 10 == 9 else i % 2 for i in range(60)]},
    features=labels).to_parquet(str(HERE / "classes.parquet"))
