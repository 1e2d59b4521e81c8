/** One sample of a DCGM exporter, as any reader of Prometheus text gives it. */
export interface DcgmSample {
  readonly name: string;
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly value: number;
}

/** One measurement of one device or MIG instance, however many series carried it. */
export interface DeviceReading {
  readonly metric: string;
  /** Of the whole board, also for an instance. */
  readonly uuid: string;
  /** `GPU_I_ID`; null for the board. */
  readonly instance: string | null;
  readonly profile: string | null;
  /** Null where copies of one measurement disagree. */
  readonly value: number | null;
  /** Pods that the series name, as `NAMESPACE/NAME`, sorted; more than one share the device. */
  readonly pods: readonly string[];
  /** Series that carried it. */
  readonly series: number;
  /** The board as a whole where its instances are told too: it must not be added to them. */
  readonly isSumOfInstances: boolean;
}

/**
 * Returns one reading for each metric and device. The exporter copies one device's measurement to every pod that shares the
 * device, so that adding up series counts it twice. Series of one metric, board and instance are one measurement, whatever pod
 * they name; the pods are kept beside it.
 *
 * | series | reading |
 * |---|---|
 * | several pods, one value | one, with all pods |
 * | several pods, several values | one without a value: the copies were not taken together |
 * | a board and its MIG instances | one for each; the board's says that it must not be added |
 *
 * The measurement tells nothing about who of the pods caused it. Series without a UUID are left out.
 *
 * Labels: https://github.com/NVIDIA/dcgm-exporter (2026-11). Where a scrape renames them, the pod is in `exported_pod`.
 */
export function readDcgmSeries(samples: readonly DcgmSample[]): readonly DeviceReading[] {
  const groups = new Map<
    string,
    { readonly sample: DcgmSample; readonly values: Set<number>; readonly pods: Set<string>; series: number }
  >();
  for (const sample of samples) {
    const uuid = labelOf(sample, 'UUID');
    if (!sample.name.startsWith('DCGM_FI_') || uuid === null) continue;
    const key = JSON.stringify([sample.name, uuid, labelOf(sample, 'GPU_I_ID')]);
    const group = groups.get(key) ?? { sample, values: new Set<number>(), pods: new Set<string>(), series: 0 };
    group.values.add(sample.value);
    group.series += 1;
    const pod = podOf(sample);
    if (pod !== null) group.pods.add(pod);
    groups.set(key, group);
  }
  const found = [...groups.values()];
  const cut = new Set(
    found.filter(({ sample }) => labelOf(sample, 'GPU_I_ID') !== null).map(({ sample }) => boardKey(sample)),
  );
  return found
    .map(({ sample, values, pods, series }): DeviceReading => {
      const [value] = values;
      const instance = labelOf(sample, 'GPU_I_ID');
      return {
        metric: sample.name,
        uuid: labelOf(sample, 'UUID') ?? '',
        instance,
        profile: labelOf(sample, 'GPU_I_PROFILE'),
        value: values.size === 1 && value !== undefined && !Number.isNaN(value) ? value : null,
        pods: [...pods].sort(),
        series,
        isSumOfInstances: instance === null && cut.has(boardKey(sample)),
      };
    })
    .sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
}

/** Adds up a metric over devices, each measurement once; null where one of them has no value, or there is none. */
export function sumReadings(readings: readonly DeviceReading[], metric: string): number | null {
  const own = readings.filter((reading) => reading.metric === metric && !reading.isSumOfInstances);
  return own.length === 0
    ? null
    : own.reduce<number | null>((sum, { value }) => (sum === null || value === null ? null : sum + value), 0);
}

/** An empty label is an absent one, as Prometheus has it. */
function labelOf({ labels }: DcgmSample, name: string): string | null {
  const value = labels.find(([label]) => label === name)?.[1] ?? '';
  return value === '' ? null : value;
}

function podOf(sample: DcgmSample): string | null {
  const prefix = labelOf(sample, 'exported_pod') === null ? '' : 'exported_';
  const pod = labelOf(sample, `${prefix}pod`);
  return pod === null ? null : `${labelOf(sample, `${prefix}namespace`) ?? ''}/${pod}`;
}

const boardKey = (sample: DcgmSample): string => JSON.stringify([sample.name, labelOf(sample, 'UUID')]);

const sortKey = ({ metric, uuid, instance }: DeviceReading): string => JSON.stringify([metric, uuid, instance ?? '']);
