import { isDigest, type Digest } from '../../../units/digest.ts';
import type { Judgement } from '../../../units/verdict.ts';

/** What `plimsoll rollback --drill` stores as `measurements` of rollback evidence. */
export interface RollbackMeasurements {
  readonly model: string;
  /** The version that served, and serves again. */
  readonly from: DrilledVersion;
  /** The version that was brought back for the drill. */
  readonly to: DrilledVersion;
  /** True where its replicas were still warm, so that no start is in `thereMs`. */
  readonly warm: boolean;
  /** From the command to the moment at which every gateway had acknowledged the other version; null when it never did. */
  readonly thereMs: number | null;
  /** The same for the way back to the version that served. */
  readonly backMs: number | null;
  /** Golden cases of the version that was brought back, sent through the gateway, and how many came out again. */
  readonly goldenCases: number;
  readonly goldenReproduced: number;
  /** Requests that the gateways answered meanwhile, and those that failed; null where no gateway told. */
  readonly answered: number | null;
  readonly failed: number | null;
}

export interface DrilledVersion {
  readonly version: number;
  readonly digest: Digest;
  /** Digests of its files: while they are all there, a rollback has something to go back to. */
  readonly files: readonly Digest[];
}

/** Passes when traffic went there and came back, every golden case came out, and no request failed meanwhile. */
export function judgeRollback(measurements: Readonly<Record<string, unknown>>): Judgement {
  const measured = readRollback(measurements);
  if (measured === null) return { verdict: 'unknown', reasons: ['it does not say what was drilled'] };
  const { from, to, warm, thereMs, backMs, goldenCases, goldenReproduced, failed } = measured;
  const against = [
    ...(thereMs === null ? [`traffic never reached version ${to.version}`] : []),
    ...(backMs === null ? [`traffic did not come back to version ${from.version}`] : []),
    ...(goldenReproduced < goldenCases
      ? [`only ${goldenReproduced} of ${goldenCases} golden cases came out again`]
      : []),
    ...(failed !== null && failed > 0 ? [`${failed} requests failed meanwhile`] : []),
  ];
  if (against.length > 0) return { verdict: 'fail', reasons: against };
  const there = `version ${from.version} -> ${to.version} in ${seconds(thereMs)}${warm ? '' : ' with a start in it'}`;
  const proven =
    goldenCases === 0 ? 'no golden set to verify by' : `${goldenCases} of ${goldenCases} golden cases reproduced`;
  const said = [
    `${there}, back in ${seconds(backMs)}`,
    proven,
    ...(failed === null ? ['failures not counted'] : ['no request failed']),
  ];
  // Without a golden set nothing shows that it was the other version that answered.
  return { verdict: goldenCases === 0 ? 'inconclusive' : 'pass', reasons: [said.join(', ')] };
}

const seconds = (ms: number | null): string => (ms === null ? 'no known time' : `${(ms / 1000).toFixed(2)} s`);

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const isMs = (value: unknown): boolean => value === null || (Number.isFinite(value) && (value as number) >= 0);

/** A lock may have been edited: whatever is not whole proves nothing. */
export function readRollback(value: Readonly<Record<string, unknown>>): RollbackMeasurements | null {
  const { model, from, to, warm, thereMs, backMs, goldenCases, goldenReproduced, answered, failed } = value;
  const whole =
    typeof model === 'string' &&
    isDrilled(from) &&
    isDrilled(to) &&
    typeof warm === 'boolean' &&
    isMs(thereMs) &&
    isMs(backMs) &&
    isCount(goldenCases) &&
    isCount(goldenReproduced) &&
    (goldenReproduced as number) <= (goldenCases as number) &&
    (answered === null || isCount(answered)) &&
    (failed === null || isCount(failed));
  return whole ? (value as unknown as RollbackMeasurements) : null;
}

function isDrilled(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { version, digest, files } = value as Partial<Record<keyof DrilledVersion, unknown>>;
  const known = (one: unknown): boolean => typeof one === 'string' && isDigest(one);
  return isCount(version) && known(digest) && Array.isArray(files) && files.every(known);
}
