import type { PolicyInput } from '../../policy.ts';
import type { ReplicaSignals, ScalingSignals, WorkSignals } from '../../signals.ts';

const isReading = (value: number | null | undefined): boolean =>
  value === null || value === undefined || (value >= 0 && value < Infinity);

const known = (value: number | null): number | null => (isReading(value) ? value : null);

/**
 * Returns the input with each reading unknown that is no count, rate or time: not a number, infinite, or below zero. One of those would make what is
 * remembered no number for good. The same input where there are none, which is the ordinary case.
 */
export function withKnownSignals(input: PolicyInput): PolicyInput {
  const { signals } = input;
  if (areReadings(signals)) return input;
  const { queueDepth, oldestWaitMs, inFlight, arrivalsPerSecond, completionsPerSecond, serviceMs } = signals;
  return {
    ...input,
    signals: {
      ...signals,
      queueDepth: known(queueDepth),
      oldestWaitMs: known(oldestWaitMs),
      inFlight: known(inFlight),
      arrivalsPerSecond: known(arrivalsPerSecond),
      completionsPerSecond: known(completionsPerSecond),
      serviceMs: known(serviceMs),
      replicas: signals.replicas.filter(isReplicaReading),
      work: isWorkReading(signals.work) ? (signals.work ?? null) : null,
    },
  };
}

function areReadings(signals: ScalingSignals): boolean {
  const { queueDepth, oldestWaitMs, inFlight, arrivalsPerSecond, completionsPerSecond, serviceMs } = signals;
  return (
    isReading(queueDepth) &&
    isReading(oldestWaitMs) &&
    isReading(inFlight) &&
    isReading(arrivalsPerSecond) &&
    isReading(completionsPerSecond) &&
    isReading(serviceMs) &&
    signals.replicas.every(isReplicaReading) &&
    isWorkReading(signals.work)
  );
}

const isReplicaReading = ({ queueDepth, inFlight, completionsPerSecond, serviceMs }: ReplicaSignals): boolean =>
  isReading(queueDepth) && isReading(inFlight) && isReading(completionsPerSecond) && isReading(serviceMs);

function isWorkReading(work: WorkSignals | null | undefined): boolean {
  if (work === null || work === undefined) return true;
  const { arrivedPerSecond, completedPerSecond, completedTokens } = work;
  const { inPerSecond, outPerSecond } = completedTokens ?? { inPerSecond: 0, outPerSecond: 0 };
  return [arrivedPerSecond, completedPerSecond, inPerSecond, outPerSecond].every(isReading);
}
