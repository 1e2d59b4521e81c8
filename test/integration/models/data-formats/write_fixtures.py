"""Writes the small files of src/formats/{parquet,npy,idx}/fixtures: python write_fixtures.py FOLDER_OF_SRC_FORMATS (numpy 2.4, pyarrow 26)."""

import datetime
import decimal
import gzip
import struct
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

root = sys.argv[1]
rows = 7
table = pa.table(
    {
        "id": pa.array(range(rows), pa.int64()),
        "big": pa.array([2**53 + 1 + i for i in range(rows)], pa.int64()),
        "x": pa.array([0.1, None, 2.5, -3.0, 1e300, 0.0, 7.0], pa.float64()),
        "f": pa.array([0.1, 0.25, float("nan"), 1.0, 2.0, 3.0, 4.0], pa.float32()),
        "name": pa.array(["a", "", None, "ü", "b", "b", "b"]),
        "ok": pa.array([True, False, None, True, True, True, False]),
        "day": pa.array([datetime.date(2026, 11, 24)] * rows, pa.date32()),
        "at": pa.array([datetime.datetime(2026, 11, 24, 15, 4, 5, 250000)] * rows, pa.timestamp("us", tz="UTC")),
        "local": pa.array([datetime.datetime(2026, 11, 24, 15, 4, 5)] * rows, pa.timestamp("ns")),
        "price": pa.array([decimal.Decimal("1.10")] * rows, pa.decimal128(10, 2)),
        "image": pa.array([[i, i + 1, i + 2] if i != 3 else [] for i in range(rows)], pa.list_(pa.float32())),
        "grid": pa.array([[[1, 2], [3, i]] for i in range(rows)], pa.list_(pa.list_(pa.int64()))),
        "point": pa.array([{"x": i, "label": "p"} for i in range(rows)], pa.struct([("x", pa.int64()), ("label", pa.string())])),
        "raw": pa.array([b"\x00\xff"] * rows, pa.binary()),
    }
)
for codec in ["none", "snappy", "gzip", "zstd", "brotli", "lz4"]:
    pq.write_table(table, f"{root}/parquet/fixtures/rows-{codec}.parquet", compression=codec, row_group_size=3, data_page_size=64)
np.save(f"{root}/npy/fixtures/image.npy", np.arange(12, dtype="<f4").reshape(2, 2, 3) / 8)
np.savez(f"{root}/npy/fixtures/stored.npz", image=np.arange(6, dtype=">i2").reshape(3, 2), label=np.array([3, 1, 2**60]), name=np.array(["a", "bc", ""]))
np.savez_compressed(f"{root}/npy/fixtures/deflated.npz", image=np.zeros((3, 4), dtype="u1"), label=np.array([True, False, True]))
np.save(f"{root}/npy/fixtures/objects.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
images = struct.pack(">4BIII", 0, 0, 8, 3, 2, 2, 2) + bytes(range(8))
labels = struct.pack(">4BI", 0, 0, 8, 1, 2) + bytes([5, 7])
open(f"{root}/idx/fixtures/images-idx3-ubyte", "wb").write(images)
with gzip.GzipFile(f"{root}/idx/fixtures/labels-idx1-ubyte.gz", "wb", mtime=0) as out:
    out.write(labels)
