"""For each seed, writes random rows as Parquet and as JSON lines, and an array with its float64 values: FOLDER SEED..."""

import json
import os
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq


def write(folder, seed):
    random = np.random.default_rng(seed)
    rows = int(random.integers(1, 3000))

    def maybe(value):
        return None if random.random() < 0.2 else value

    table = pa.table(
        {
            "integer": [maybe(int(random.integers(-(2**53) + 1, 2**53))) for _ in range(rows)],
            "double": [maybe(float(random.normal() * 10.0 ** random.integers(-300, 300))) for _ in range(rows)],
            "float": pa.array([maybe(float(np.float32(random.normal()))) for _ in range(rows)], pa.float32()),
            "text": [maybe("".join(chr(int(c)) for c in random.integers(32, 0x2FFF, random.integers(0, 9)))) for _ in range(rows)],
            "truth": [maybe(bool(random.integers(2))) for _ in range(rows)],
            "list": [maybe([maybe(int(x)) for x in random.integers(0, 9, random.integers(0, 50))]) for _ in range(rows)],
            "nested": [[[float(x)] * int(random.integers(0, 3)) for x in random.integers(0, 9, 2)] for _ in range(rows)],
            "struct": [maybe({"a": int(random.integers(9)), "b": maybe("b")}) for _ in range(rows)],
        }
    )
    pq.write_table(
        table,
        f"{folder}/rows.parquet",
        compression=["none", "snappy", "gzip", "zstd", "brotli", "lz4"][seed % 6],
        row_group_size=int(random.integers(1, rows + 1)),
        data_page_size=int(random.integers(16, 4096)),
        data_page_version=["1.0", "2.0"][seed % 2],
        use_dictionary=bool(random.integers(2)),
    )
    with open(f"{folder}/rows.jsonl", "w") as out:
        for row in table.to_pylist():
            out.write(json.dumps(row) + "\n")
    array = random.normal(size=(rows, 2, 3)).astype(["<f4", ">f8", "<f2", "<i2", "u1", ">i4"][seed % 6])
    np.savez_compressed(f"{folder}/array.npz", x=array)
    with open(f"{folder}/array.jsonl", "w") as out:
        for row in array.tolist():
            out.write(json.dumps({"x": row}) + "\n")


for seed in sys.argv[2:]:
    into = f"{sys.argv[1]}/{seed}"
    os.mkdir(into)
    write(into, int(seed))
