"""Features of the same drivers by both ways of Feast, in the folder of a feature repository.

python values.py data            the offline store: three values of each driver, 12 hours apart
python values.py serve TIME      materializes until TIME, and writes what the offline and the online store give of it
"""
import json
import sys
from datetime import datetime, timezone
from pathlib import Path

import numpy as np
import pandas as pd

drivers = 500
newest = pd.Timestamp("2026-11-27T00:00:00Z")


def data():
    random = np.random.default_rng(1)
    rows = [
        (driver, newest - pd.Timedelta(hours=12 * back), np.float32(random.random()), int(random.integers(0, 100)))
        for driver in range(drivers)
        for back in range(3)
    ]
    frame = pd.DataFrame(rows, columns=["driver_id", "event_timestamp", "conv_rate", "trips"])
    Path("data").mkdir(exist_ok=True)
    frame.astype({"conv_rate": "float32"}).to_parquet("data/stats.parquet")


def serve(time):
    from feast import FeatureStore

    store = FeatureStore(".")
    at = datetime.fromisoformat(time).replace(tzinfo=timezone.utc)
    store.materialize(start_date=datetime(2026, 11, 20, tzinfo=timezone.utc), end_date=at)
    service = store.get_feature_service("activity")
    asked = pd.DataFrame({"driver_id": range(drivers), "distance": [1.0 + driver % 7 for driver in range(drivers)]})
    history = store.get_historical_features(asked.assign(event_timestamp=pd.Timestamp(at)), service).to_df()
    history.drop(columns=["distance"]).to_parquet("historical.parquet")
    online = store.get_online_features(service, asked.to_dict("records")).to_dict()
    rows = [{name: values[row] for name, values in online.items()} for row in range(drivers)]
    Path("online.jsonl").write_text("".join(json.dumps({**row, "event_timestamp": at.isoformat()}) + "\n" for row in rows))


if __name__ == "__main__":
    {"data": data, "serve": serve}[sys.argv[1]](*sys.argv[2:])
