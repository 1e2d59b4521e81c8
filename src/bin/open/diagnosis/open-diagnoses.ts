import { systemClock } from '../../../adapters/system/clock.ts';
import { LiveDiagnoses } from '../../../control-plane/diagnosis/live-diagnoses.ts';
import { makeAbsentNode } from '../../../core/diagnosis/readings/absent-node.ts';
import { phaseMetricNames } from '../../../core/diagnosis/waterfall/phase-metrics.ts';
import type { NodeProbe } from '../../../ports/nodes/node-probe.ts';
import type { NodeReadings } from '../../../ports/nodes/node-readings.ts';
import { openMetricsSource } from '../open-metrics-source.ts';
import { openNodeReadings } from './open-node-readings.ts';

/** Facts of the driver take a program or a library to read: a control plane asks once a minute. */
const factsHoldMs = 60_000;

/** What looks at services while they serve. @param probe of this machine; null where replicas run on others. */
export async function openDiagnoses(
  probe: NodeProbe | null,
  env: Readonly<Record<string, string | undefined>>,
): Promise<{ readonly diagnoses: LiveDiagnoses; close(): Promise<void> }> {
  const metrics = await openMetricsSource({ clock: systemClock, env }, { prometheus: '', names: phaseMetricNames });
  const node: NodeReadings =
    probe === null
      ? { read: async (_processes, devices) => nodeElsewhere(devices) }
      : openNodeReadings(probe, env, (choices) => openMetricsSource({ clock: systemClock, env }, choices), {
          factsHoldMs,
        });
  return { diagnoses: new LiveDiagnoses({ clock: systemClock, node, metrics }), close: () => metrics.close() };
}

const nodeElsewhere = (devices: readonly string[] | null) =>
  makeAbsentNode(
    systemClock.monotonicMs(),
    'the replica runs on another node: run plimsoll diagnose --node there',
    devices?.length === 0,
  );
