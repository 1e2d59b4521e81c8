"""Scores of one program for windows of rows: peers.py NAME < runs.json > scores.json

A run is {"reference": {"x": [...], "c": [...]}, "windows": [{"x": [...], "c": [...]}, ...]}; null is a missing value.
For each window: "alarm" as the program decides by its defaults, and "score", larger for more drift.
"""
import json
import math
import sys
import warnings

import numpy as np
import pandas as pd

warnings.filterwarnings("ignore")


def frame(part):
    return pd.DataFrame({"x": np.array(part["x"], dtype=float), "c": pd.Series(part["c"], dtype=object)})


def from_p(pairs):
    """One score of p-values: the smallest counts."""
    least = min(p for p, _ in pairs)
    return {"score": -math.log10(max(least, 1e-300)), "alarm": any(is_drift for _, is_drift in pairs)}


def evidently(run):
    from evidently.legacy.calculations.stattests import chi_stat_test, ks_stat_test
    from evidently.legacy.core import ColumnType

    reference = frame(run["reference"])

    def judge(window):
        now = frame(window)
        pairs = []
        for name, test, kind in (("x", ks_stat_test, ColumnType.Numerical), ("c", chi_stat_test, ColumnType.Categorical)):
            found = test.func(reference[name].dropna(), now[name].dropna(), kind, 0.05)
            pairs.append((float(found[0]), bool(found[1])))
        return from_p(pairs)

    return [judge(window) for window in run["windows"]]


def alibi(run):
    from alibi_detect.cd import TabularDrift

    def rows(part):
        kept = frame(part).dropna()
        codes = kept["c"].map({name: at for at, name in enumerate("abcdefgh")})
        return np.column_stack([kept["x"], codes]).astype(np.float32)

    reference = rows(run["reference"])
    detectors = {}

    def judge(window):
        given = rows(window)
        # Of categories that are in neither, its chi-squared test fails.
        present = tuple(sorted({int(code) for code in reference[:, 1]} | {int(code) for code in given[:, 1]}))
        if present not in detectors:
            detectors[present] = TabularDrift(reference, p_val=0.05, categories_per_feature={1: list(present)})
        data = detectors[present].predict(given)["data"]
        return from_p([(float(p), bool(data["is_drift"])) for p in data["p_val"]])

    return [judge(window) for window in run["windows"]]


def nannyml(run):
    import nannyml

    size = len(run["windows"][0]["x"])
    reference = frame(run["reference"])
    analysis = pd.concat([frame(window) for window in run["windows"]], ignore_index=True)
    drift = nannyml.UnivariateDriftCalculator(column_names=["x", "c"], treat_as_categorical=["c"], chunk_size=size)
    missing = nannyml.MissingValuesCalculator(column_names=["x"], chunk_size=size)
    scores, alarms = [], []
    for calculator, keys in ((drift, [("x", "jensen_shannon"), ("c", "jensen_shannon")]), (missing, [("x",)])):
        found = calculator.fit(reference).calculate(analysis).filter(period="all").to_df()
        for key in keys:
            part = found[key]
            chunk = found["chunk"]
            ours = (chunk["period"] if "period" in chunk.columns else chunk["chunk"]["period"]) == "analysis"
            learnt = part.loc[~ours, "value"]
            scores.append(((part.loc[ours, "value"] - learnt.mean()) / (learnt.std() + 1e-9)).to_numpy())
            alarms.append(part.loc[ours, "alert"].to_numpy(dtype=bool))
    return [{"score": float(s), "alarm": bool(a)} for s, a in zip(np.max(scores, axis=0), np.any(alarms, axis=0))]


def river(run):
    """ADWIN and Page-Hinkley on the number (KSWIN takes minutes here); the score is the largest threshold at which Page-Hinkley alarms."""
    from river import drift

    ladder = [10 * 1.3**step for step in range(24)]
    defaults = [drift.ADWIN(), drift.PageHinkley()]
    thresholds = [drift.PageHinkley(threshold=each) for each in ladder]

    def feed(part):
        alarm, score = False, 0.0
        for value in part["x"]:
            if value is None:
                continue
            for detector in defaults:
                detector.update(value)
                alarm = alarm or detector.drift_detected
            for limit, detector in zip(ladder, thresholds):
                detector.update(value)
                if detector.drift_detected:
                    score = max(score, limit)
        return {"score": score, "alarm": alarm}

    feed(run["reference"])
    return [feed(window) for window in run["windows"]]


judge = {"evidently": evidently, "alibi-detect": alibi, "nannyml": nannyml, "river": river}[sys.argv[1]]
json.dump([judge(run) for run in json.load(sys.stdin)], sys.stdout)
