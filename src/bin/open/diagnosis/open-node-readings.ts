import { systemClock } from '../../../adapters/system/clock.ts';
import { nodeRoots } from '../../../adapters/system/node/node-roots.ts';
import { makeNodeReadings } from '../../../adapters/system/readings/node-readings.ts';
import type { CliContext } from '../../../cli/context.ts';
import { makeDeviceSnapshots } from '../../../core/diagnosis/readings/device-snapshots.ts';
import { findMeasuredCeilings } from '../../../core/diagnosis/readings/measured-ceilings.ts';
import type { NodeFacts } from '../../../core/pool/node-facts.ts';
import type { NodeProbe } from '../../../ports/nodes/node-probe.ts';
import type { NodeReadings } from '../../../ports/nodes/node-readings.ts';
import { readDcgm } from './read-dcgm.ts';

export interface NodeReadingsChoices {
  /** Facts of the driver are asked for again after so long. 0: at each look. */
  readonly factsHoldMs: number;
}

/** Counters of this machine. Activity of accelerators is DCGM's, which a Prometheus server has; ceilings are those of the last preflight. */
export function openNodeReadings(
  probe: NodeProbe,
  env: Readonly<Record<string, string | undefined>>,
  openMetrics: CliContext['metricsSource'],
  { factsHoldMs }: NodeReadingsChoices = { factsHoldMs: 0 },
): NodeReadings {
  const readFacts = holdFacts(probe, factsHoldMs);
  return makeNodeReadings({
    roots: nodeRoots,
    clock: systemClock,
    devices: async (signal) => {
      const [facts, dcgm] = await Promise.all([readFacts(signal), readDcgm(env, openMetrics, signal)]);
      const unknown = facts.unknown['devices'] ?? 'accelerators are not known';
      return makeDeviceSnapshots(facts.devices, unknown, dcgm, findMeasuredCeilings(facts, systemClock.nowMs()));
    },
    measured: async (signal) => findMeasuredCeilings(await readFacts(signal), systemClock.nowMs()),
  });
}

const probeTimeoutMs = 20_000;

/** One probe for all that ask at the same time, and for those that ask within `holdMs` after it. One that failed is not held. */
function holdFacts(probe: NodeProbe, holdMs: number): (signal: AbortSignal) => Promise<NodeFacts> {
  let held: { readonly facts: Promise<NodeFacts>; untilMs: number } | null = null;
  return (signal) => {
    if (held !== null && systemClock.monotonicMs() < held.untilMs) return held.facts;
    // What several look at does not end with the first of them.
    const bound = holdMs === 0 ? signal : AbortSignal.timeout(probeTimeoutMs);
    const asking = { facts: probe.probe(bound).then(({ facts }) => facts), untilMs: Infinity };
    asking.facts.then(
      () => (asking.untilMs = systemClock.monotonicMs() + holdMs),
      () => (asking.untilMs = 0),
    );
    held = asking;
    return asking.facts;
  };
}
