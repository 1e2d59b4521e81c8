import { canonicalJson } from '../../units/digest.ts';
import type { Policy, ScalingDecision } from '../policy.ts';
import { decideScaling, type DecidedScaling, type DecisionGrounds } from './decide-scaling.ts';
import type { ScaleOrder } from './scale-order.ts';

/** Records that are kept of one service in one environment: at 40 kB each 80 MB at the most, and days of decisions. */
export const scalingRecordsAtMost = 2_000;

/** One decision as it is recorded, whole enough to decide it again. */
export interface ScalingRecord {
  readonly recordVersion: 1;
  readonly policy: { readonly name: string; readonly plimsollVersion: string };
  readonly grounds: DecisionGrounds;
  readonly decision: ScalingDecision;
  readonly order: ScaleOrder;
  /** Replicas that the control plane asks the platform for; null: none but those that the release begins with. */
  readonly ordered: number | null;
  /** Release that was live. */
  readonly release: number;
  /** When the number was decided that stands; of a record that changes nothing, earlier than its own grounds. */
  readonly decidedAtMs: number;
  /** Why the capacity that it was decided with no longer held; absent where it held. */
  readonly capacityDoubt?: string;
}

export interface ReplayedScaling {
  readonly identical: boolean;
  /** One line for each part that came out another: `decision.desired: recorded 3, replayed 2`. */
  readonly differences: readonly string[];
  /** Null where the policy could not be asked. */
  readonly decided: DecidedScaling | null;
}

/** Decides a recorded decision again and compares the two, byte by byte of their canonical JSON. */
export function replayScaling(
  record: Pick<ScalingRecord, 'grounds' | 'decision' | 'order'>,
  policy: Policy,
): ReplayedScaling {
  let decided: DecidedScaling;
  try {
    decided = decideScaling(policy, record.grounds);
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    return { identical: false, differences: [`the policy could not decide it: ${why}`], decided: null };
  }
  const recorded = { decision: record.decision, order: record.order };
  const replayed = { decision: decided.decision, order: decided.order };
  const identical = canonicalJson(recorded) === canonicalJson(replayed);
  return { identical, differences: identical ? [] : differencesOf(recorded, replayed, ''), decided };
}

function differencesOf(recorded: unknown, replayed: unknown, at: string): readonly string[] {
  if (isObject(recorded) && isObject(replayed)) {
    const keys = [...new Set([...Object.keys(recorded), ...Object.keys(replayed)])].sort();
    return keys.flatMap((key) => differencesOf(recorded[key], replayed[key], at === '' ? key : `${at}.${key}`));
  }
  const [a, b] = [textOf(recorded), textOf(replayed)];
  return a === b ? [] : [`${at}: recorded ${a}, replayed ${b}`];
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const textOf = (value: unknown): string => (value === undefined ? 'nothing' : canonicalJson(value));
