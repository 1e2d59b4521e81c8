/**
 * Percent of devices held at arrived loads 1.0 and 1.3, mean of ten seeds, from the expected results of FGD's artifact
 * (github.com/hkust-adsl/kubernetes-scheduler-simulator, experiments/analysis/expected_results, read 2026-11).
 */
const published: Readonly<Record<string, Readonly<Record<string, readonly [number, number]>>>> = {
  'openb_pod_list_default.csv': { BestFit: [92.86, 93.08], GpuPacking: [91.78, 92.0], FGD: [95.23, 95.39] },
  'openb_pod_list_gpushare100.csv': { BestFit: [84.62, 85.01], GpuPacking: [82.13, 82.57], FGD: [86.64, 86.9] },
};

/** Returns the published percent of a rule on a pod list; null where none is known. */
export function publishedPercents(podList: string, rule: string, load: number): number | null {
  const percents = published[podList]?.[rule];
  if (percents === undefined) return null;
  if (load === 1) return percents[0];
  return load === 1.3 ? percents[1] : null;
}
