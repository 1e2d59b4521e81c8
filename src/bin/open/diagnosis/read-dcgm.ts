import type { CliContext } from '../../../cli/context.ts';
import { deviceMetricNames } from '../../../core/diagnosis/readings/dcgm-fields.ts';
import type { DcgmReading } from '../../../core/diagnosis/readings/device-snapshots.ts';

/** Returns what DCGM tells of all accelerators through the Prometheus server that the environment names. */
export async function readDcgm(
  env: Readonly<Record<string, string | undefined>>,
  openMetrics: CliContext['metricsSource'],
  signal: AbortSignal,
): Promise<DcgmReading> {
  if ((env['PLIMSOLL_PROMETHEUS_URL'] ?? '') === '') {
    return { unknown: 'DCGM tells it, and no Prometheus server is named: set PLIMSOLL_PROMETHEUS_URL' };
  }
  const source = await openMetrics({});
  try {
    const answer = await source.readDevices?.(deviceMetricNames, signal);
    if (answer === undefined) return { unknown: 'the Prometheus server is not asked' };
    return answer.kind === 'read' ? { samples: answer.reading.samples } : { unknown: answer.message };
  } finally {
    await source.close();
  }
}
