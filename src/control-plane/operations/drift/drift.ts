import { controlPlaneSteps } from '../../../core/units/next-steps/control-plane-steps.ts';
import { nextStep } from '../../../core/units/next-steps/next-step.ts';
import type { DriftState } from '../../../core/monitoring/watch/drift-state.ts';
import { driftStatus } from '../../../core/monitoring/watch/drift-status.ts';
import { emptyReplays } from '../../../core/monitoring/replay/replay-state.ts';
import { replayStatus } from '../../../core/monitoring/replay/replay-status.ts';
import { acknowledgeLeft } from '../../../core/monitoring/watch/windows/reference-distance.ts';
import { acknowledge } from '../../../core/monitoring/watch/step-drift.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import { driftSamplesAtMost } from '../../../core/monitoring/samples/drift-sample.ts';
import type {
  AcknowledgeDriftRequest,
  DriftAnswer,
  DriftHistoryAnswer,
  DriftSamplesAnswer,
} from '../../../schemas/http/monitoring/http-drift.ts';
import {
  historyWindowsAtMost,
  makeDriftHistory,
  strideOf,
} from '../../../core/monitoring/watch/inputs/feature-history.ts';
import { driftWindowsAtMost } from '../../../ports/records/drift-records.ts';
import { write, type OperationsSource } from '../operations-source.ts';

interface Scope {
  readonly service: string;
  readonly environment: string;
}

/** How the watch of live answers and the golden replays stand, with the reason where it cannot be said. */
export async function readDrift(source: OperationsSource, { service, environment }: Scope): Promise<DriftAnswer> {
  const { facts, store } = source;
  const replay = (await facts.replay?.()) ?? null;
  const state = replay === null ? null : await store.replayState(service, environment);
  const golden = replay === null ? null : replayStatus(state ?? emptyReplays, replay);
  return { ...(await readWatch(source, { service, environment })), golden };
}

async function readWatch(
  { store, facts, clock }: OperationsSource,
  { service, environment }: Scope,
): Promise<Omit<DriftAnswer, 'golden'>> {
  const nowMs = clock.nowMs();
  const terms = await facts.monitoring(environment);
  const record = await store.driftRecord(service, environment);
  if (terms === undefined)
    return { status: null, because: 'the contract of the live release is not known here', nowMs };
  if (terms === null) {
    const because =
      'nothing is captured: the contract writes neither `monitoring.capture` nor `monitoring.falseAlarms`';
    return { status: null, because, nowMs };
  }
  if (record === null) return { status: null, because: 'no request was captured yet', nowMs };
  return { status: driftStatus(record.state, terms), because: null, nowMs };
}

/** The features over the newest windows; null where nothing is watched, or nothing was captured yet. */
export async function readDriftHistory(
  { store, facts }: OperationsSource,
  { service, environment, last = historyWindowsAtMost }: Scope & { readonly last?: number },
): Promise<DriftHistoryAnswer> {
  const terms = await facts.monitoring(environment);
  const record = await store.driftRecord(service, environment);
  if (terms === undefined || terms === null || record === null) return { history: null };
  const { state } = record;
  const to = state.windows;
  const from = Math.max(1, to - Math.min(last, driftWindowsAtMost) + 1);
  const every = strideOf(to - from + 1);
  const windows = await store.driftWindowsEvery(service, environment, { from, to, every });
  return { history: makeDriftHistory(state, terms, windows) };
}

/** The newest captured requests, newest last. */
export async function readDriftSamples(
  { store }: OperationsSource,
  { service, environment, last = driftSamplesAtMost }: Scope & { readonly last?: number },
): Promise<DriftSamplesAnswer> {
  return { samples: await store.driftSamples(service, environment, Math.min(last, driftSamplesAtMost)) };
}

/**
 * Lets what an alarm named be watched again. With `newReference` the history begins anew, so that what is there now is what
 * later windows are compared with. @throws PlimsollError `no-such-alarm` (not-found); `drift-moved` (conflict).
 */
export async function acknowledgeDrift(
  source: OperationsSource,
  request: AcknowledgeDriftRequest,
): Promise<DriftAnswer> {
  const { service, environment, alarm: asked, reason, newReference } = request;
  const named = asked ?? 'all';
  await write(source, environment, async (tx) => {
    const record = await tx.driftRecord(service, environment);
    const open = openOf(record?.state);
    const meant = open.filter(({ kind, name }) => named === 'all' || (kind === named.kind && name === named.name));
    const isEmpty = meant.length === 0 && !(named === 'all' && newReference);
    if (record === null || isEmpty) throw noSuchAlarm(named, open);
    const { cursors, revision } = record;
    const state = acknowledgeAny(record.state, named, newReference);
    await tx.setDriftRecord(service, environment, { state, cursors }, revision);
    await tx.appendEvent({
      ...{ service, environment, by: source.by, atMs: source.clock.nowMs(), kind: 'drift.acknowledged' },
      summary: `${describeNamed(named)} acknowledged: ${reason}`,
      data: { what: asked?.kind ?? null, name: asked?.name ?? null, reason, newReference },
    });
  });
  return readDrift(source, { service, environment });
}

type Named = NonNullable<AcknowledgeDriftRequest['alarm']>;

/** What stands: open alarms, and that live data left its reference. */
const openOf = (state: DriftState | undefined): readonly Named[] => [
  ...(state?.alarms ?? []),
  ...((state?.left ?? null) === null ? [] : [{ kind: 'distance', name: 'distance' } as const]),
];

function acknowledgeAny(state: DriftState, named: Named | 'all', newReference: boolean): DriftState {
  if (named === 'all') return acknowledgeLeft(acknowledge(state, 'all', newReference));
  const { kind, name } = named;
  return kind === 'distance' ? acknowledgeLeft(state) : acknowledge(state, { kind, name }, newReference);
}

function describeNamed(named: Named | 'all'): string {
  if (named === 'all') return 'All drift alarms';
  return named.kind === 'distance'
    ? 'That live data left what was evaluated'
    : `The drift alarm of ${named.kind} ${named.name}`;
}

function noSuchAlarm(named: Named | 'all', open: readonly Named[]): PlimsollError {
  const names = open.map(({ kind, name }) => `${kind} ${name}`).join(', ');
  return new PlimsollError({
    code: 'no-such-alarm',
    category: 'not-found',
    message:
      open.length === 0 || named === 'all'
        ? 'no drift alarm is open'
        : `no open drift alarm is of ${named.kind} ${named.name}; open are: ${names}`,
    next: nextStep(controlPlaneSteps, 'no-such-alarm'),
    details: { open: open.map(({ kind, name }) => ({ kind, name })) },
  });
}
