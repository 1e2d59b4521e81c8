from datetime import timedelta

import pandas as pd
from feast import Entity, FeatureService, FeatureView, Field, FileSource, RequestSource, ValueType
from feast.on_demand_feature_view import on_demand_feature_view
from feast.types import Float32, Float64, Int64

driver = Entity(name="driver", join_keys=["driver_id"], value_type=ValueType.INT64)
stats_source = FileSource(name="stats_source", path="data/stats.parquet", timestamp_field="event_timestamp")
driver_stats = FeatureView(
    name="driver_stats",
    entities=[driver],
    ttl=timedelta(days=2),
    schema=[Field(name="conv_rate", dtype=Float32), Field(name="trips", dtype=Int64)],
    source=stats_source,
)
request = RequestSource(name="request", schema=[Field(name="distance", dtype=Float64)])


@on_demand_feature_view(sources=[driver_stats, request], schema=[Field(name="rate_per_km", dtype=Float64)])
def per_km(inputs: pd.DataFrame) -> pd.DataFrame:
    df = pd.DataFrame()
    df["rate_per_km"] = inputs["conv_rate"] / inputs["distance"]
    return df


activity = FeatureService(name="activity", features=[driver_stats, per_km])
