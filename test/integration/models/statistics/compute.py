"""Reads lines of questions from stdin, computes each with the libraries of others; prints a line of answers to each line."""

import json
import sys
import warnings

import numpy as np
from scipy import optimize, stats
from sklearn import metrics
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint


warnings.filterwarnings("ignore", message="y_pred contains classes not in y_true")


def tango(b, c, n, difference):
    """The score by maximising the likelihood numerically: not our closed form."""

    def negative(rate):
        first = rate + difference
        rest = 1 - rate - first
        parts = [(b, first), (c, rate), (n - b - c, rest)]
        if any(p < 0 or (k > 0 and p <= 0) for k, p in parts):
            return 1e300
        return -sum(k * np.log(p) for k, p in parts if k > 0)

    low, high = max(0.0, -difference), (1 - difference) / 2
    found = optimize.minimize_scalar(negative, bounds=(low, high), method="bounded", options={"xatol": 1e-14})
    rate = found.x

    # The slope of the likelihood has its root where the bounded search can only come near.
    def slope(r):
        return b / (r + difference) + c / r - 2 * (n - b - c) / (1 - 2 * r - difference)

    span = 1e-6 * (high - low)
    left, right = max(rate - span, low + 1e-15), min(rate + span, high - 1e-15)
    if b > 0 and c > 0 and slope(left) > 0 > slope(right):
        rate = optimize.brentq(slope, left, right, xtol=1e-16)
    return (b - c - n * difference) / np.sqrt(n * (2 * rate + difference * (1 - difference)))


def exact(b, c, n, difference):
    """Every table, one by one; the nuisance on a fine grid over its interval."""
    gamma = 1e-6
    m = b + c
    low = stats.beta.ppf(gamma / 2, m, n - m + 1) if m > 0 else 0
    high = stats.beta.ppf(1 - gamma / 2, m + 1, n - m) if m < n else 1
    low, high = max(low, abs(difference)), max(high, abs(difference))

    def score(x, y):
        linear = -x - y + (2 * n - x + y) * difference
        constant = -y * difference * (1 - difference)
        rate = (np.sqrt(np.maximum(linear**2 - 8 * n * constant, 0)) - linear) / (4 * n)
        variance = n * np.maximum(2 * rate + difference * (1 - difference), 0)
        distance = x - y - n * difference
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(variance <= 1e-14, np.where(np.abs(distance) < 1e-12, 0, np.sign(distance) * np.inf), distance / np.sqrt(variance))

    x, y = np.meshgrid(np.arange(n + 1), np.arange(n + 1), indexing="ij")
    keep = (x + y <= n)
    x, y = x[keep], y[keep]
    observed = score(np.array([b]), np.array([c]))[0]
    extreme = score(x, y) >= observed - 1e-9 * max(1, abs(observed))
    x, y = x[extreme], y[extreme]
    best = 0
    for share in np.linspace(low, high, 400):
        first, second = (share + difference) / 2, (share - difference) / 2
        mass = stats.multinomial.pmf(np.stack([x, y, n - x - y], 1), n, [first, second, 1 - share])
        best = max(best, float(np.sum(mass)))
    return min(1, best + gamma)


def ece(labels, predicted, scores):
    confidence = scores[np.arange(len(labels)), predicted]
    total = 0
    for k in range(15):
        inside = (confidence > k / 15) & (confidence <= (k + 1) / 15)
        if inside.any():
            total += inside.mean() * abs((labels == predicted)[inside].mean() - confidence[inside].mean())
    return total


def classification(q):
    labels, predicted = np.array(q["labels"]), np.array(q["predicted"])
    scores = np.array(q["scores"])
    k = scores.shape[1]
    answer = {
        "accuracy": metrics.accuracy_score(labels, predicted),
        "balanced-accuracy": metrics.balanced_accuracy_score(labels, predicted),
        "f1-macro": metrics.f1_score(labels, predicted, average="macro"),
        "f1[0]": metrics.f1_score(labels, predicted, labels=[0], average="macro"),
        "precision[0]": metrics.precision_score(labels, predicted, labels=[0], average="macro"),
        "recall[0]": metrics.recall_score(labels, predicted, labels=[0], average="macro"),
        "log-loss": metrics.log_loss(labels, scores, labels=list(range(k))),
        "brier": float(np.mean(np.sum((scores - np.eye(k)[labels]) ** 2, 1))) / (2 if k == 2 else 1),
        "ece": ece(labels, predicted, scores),
    }
    if len(set(labels)) == k:
        answer["roc-auc"] = metrics.roc_auc_score(labels, scores[:, 1]) if k == 2 else metrics.roc_auc_score(labels, scores, multi_class="ovr", average="macro")
    return answer


def regression(q):
    labels, predicted = np.array(q["labels"]), np.array(q["predicted"])
    return {
        "mae": metrics.mean_absolute_error(labels, predicted),
        "rmse": metrics.root_mean_squared_error(labels, predicted),
        "mape": metrics.mean_absolute_percentage_error(labels, predicted),
        "r2": metrics.r2_score(labels, predicted),
        "quantile-loss@0.9": metrics.mean_pinball_loss(labels, predicted, alpha=0.9),
    }


def answer(q):
    kind = q["kind"]
    if kind == "normal":
        return [[float(stats.norm.cdf(z)), float(stats.norm.ppf(p))] for z, p in q["cases"]]
    if kind == "beta":
        return [[float(stats.beta.cdf(x, a, b)), float(stats.beta.ppf(p, a, b))] for x, p, a, b in q["cases"]]
    if kind == "binomial":
        return [[float(stats.binom.cdf(k, n, p)), float(stats.binom.sf(k - 1, n, p))] for k, n, p in q["cases"]]
    if kind == "intervals":
        return [[list(map(float, proportion_confint(k, n, 2 * (1 - c), m))) for m in ("beta", "wilson")] for k, n, c in q["cases"]]
    if kind == "tango":
        return [float(tango(*case)) for case in q["cases"]]
    if kind == "mcnemar":
        return [float(mcnemar([[0, b], [c, 0]], exact=False, correction=False).pvalue) for b, c in q["cases"]]
    if kind == "exact":
        return [exact(*case) for case in q["cases"]]
    if kind == "holm":
        return [[float(p) for p in multipletests(case, method="holm")[1]] for case in q["cases"]]
    if kind == "classification":
        return {name: float(value) for name, value in classification(q).items()}
    if kind == "regression":
        return {name: float(value) for name, value in regression(q).items()}
    if kind == "ndcg":
        return [float(metrics.ndcg_score([r], [s], k=k)) for r, s, k in q["cases"]]
    if kind == "bootstrap":
        values = np.array(q["values"])
        result = stats.bootstrap((values,), np.mean, confidence_level=0.9, n_resamples=9999, method="BCa", rng=np.random.default_rng(1))
        return [float(result.confidence_interval.low), float(result.confidence_interval.high), float(result.standard_error)]
    raise ValueError(kind)


for line in sys.stdin:
    print(json.dumps([answer(q) for q in json.loads(line)]), flush=True)
