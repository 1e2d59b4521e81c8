import { controlPlaneSteps } from '../../../core/units/next-steps/control-plane-steps.ts';
import { nextStep } from '../../../core/units/next-steps/next-step.ts';
import {
  isOpenAsk,
  makeCancelledEvent,
  makeFetchingEvent,
  type ReleaseAsk,
} from '../../../core/rollout/release-ask.ts';
import type { Release } from '../../../core/rollout/release.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import type { StoreReader, StoreWriter } from '../../../ports/records/store.ts';
import type { ReleaseAnswer } from '../../../schemas/http/operations.ts';
import type { Refusal } from './admit-release.ts';
import { makeReleaseRefusedEvent } from '../operation-events.ts';
import { write, type OperationsSource } from '../operations-source.ts';

/**
 * An ask that is decided, by anybody, is decided no second time. One that is not recorded yet is open.
 * @throws PlimsollError `ask-decided` (conflict).
 */
export async function requireOpenAsk(reader: Pick<StoreReader, 'releaseAsk'>, id: string): Promise<void> {
  const recorded = await reader.releaseAsk(id);
  if (recorded !== null && !isOpenAsk(recorded)) throw askDecided(recorded);
}

/** @throws PlimsollError `ask-decided` (conflict). */
export function askDecided({ id, state, reason }: ReleaseAsk): PlimsollError {
  return new PlimsollError({
    code: 'ask-decided',
    category: 'conflict',
    message: `the request ${id} is decided already: ${state}, ${reason}`,
    next: nextStep(controlPlaneSteps, 'ask-decided'),
  });
}

/**
 * Cancels every open ask that was made before this one, which takes their place. One that is decided just now in this
 * process is left to that.
 */
export async function supersedeOlderAsks(
  { by, deciding }: Pick<OperationsSource, 'by' | 'deciding'>,
  tx: StoreWriter,
  ask: ReleaseAsk,
  atMs: number,
): Promise<void> {
  for (const before of await tx.openReleaseAsks()) {
    if (before.service !== ask.service || before.environment !== ask.environment) continue;
    if (before.id === ask.id || before.atMs > ask.atMs || deciding.has(before.id)) continue;
    const reason = `the request ${ask.id} takes its place`;
    const superseded: ReleaseAsk = { ...before, state: 'cancelled', reason, changedAtMs: atMs };
    await tx.setReleaseAsk(superseded);
    await tx.appendEvent(makeCancelledEvent(superseded, by));
  }
}

/** Records in the transaction of a release what its ask became. */
export async function settleAsk(
  source: OperationsSource,
  tx: StoreWriter,
  ask: ReleaseAsk,
  { number, reason, atMs }: { readonly number: number; readonly reason: string; readonly atMs: number },
): Promise<ReleaseAsk> {
  const done: ReleaseAsk = { ...ask, state: 'released', reason, release: number, changedAtMs: atMs, progress: null };
  await supersedeOlderAsks(source, tx, ask, atMs);
  await tx.setReleaseAsk(done);
  return done;
}

export async function refuseAsk(
  { by, clock }: OperationsSource,
  ask: ReleaseAsk,
  tx: StoreWriter,
  pair: Pick<Release, 'code' | 'model'> | null,
  refusals: readonly Refusal[],
): Promise<void> {
  const { service, environment, bundle } = ask;
  const atMs = clock.nowMs();
  const event = makeReleaseRefusedEvent({ ask: ask.id, bundle, pair }, refusals);
  await tx.appendEvent({ service, environment, by, atMs, ...event });
  await tx.setReleaseAsk({
    ...ask,
    state: 'refused',
    reason: refusals.map(({ message }) => message).join('; '),
    ...(refusals[0] === undefined ? {} : { next: refusals[0].next }),
    changedAtMs: atMs,
    progress: null,
  });
}

/** A bundle that could not even be judged is refused on the record too, unless its ask was decided meanwhile. */
export async function recordRefusal(source: OperationsSource, ask: ReleaseAsk, error: PlimsollError): Promise<void> {
  const { code, message, next = 'plimsoll check' } = error;
  await write(source, ask.environment, async (tx) => {
    const recorded = await tx.releaseAsk(ask.id);
    if (recorded !== null && !isOpenAsk(recorded)) return;
    await refuseAsk(source, ask, tx, null, [{ code, message, next }]);
  });
}

/** Records why an ask is not decided yet, unless it was decided meanwhile. */
export async function recordDelay(
  source: OperationsSource,
  { id, environment }: ReleaseAsk,
  reason: string,
): Promise<void> {
  await write(source, environment, async (tx) => {
    const ask = await tx.releaseAsk(id);
    if (ask === null || !isOpenAsk(ask)) return;
    await tx.setReleaseAsk({ ...ask, reason, changedAtMs: source.clock.nowMs() });
  });
}

/** Records that the model of an ask is fetched from now on. Who fetches it finds the ask by its state. */
export async function startFetching(source: OperationsSource, ask: ReleaseAsk, place: string): Promise<ReleaseAnswer> {
  const atMs = source.clock.nowMs();
  const fetching: ReleaseAsk = {
    ...ask,
    state: 'fetching',
    reason: `its model is fetched from ${place}`,
    changedAtMs: atMs,
    progress: { doneBytes: 0, totalBytes: null, grewAtMs: atMs },
  };
  if (ask.state === 'fetching') return { outcome: 'fetching', release: null, ask };
  await write(source, ask.environment, async (tx) => {
    await requireOpenAsk(tx, ask.id);
    await supersedeOlderAsks(source, tx, ask, atMs);
    await tx.setReleaseAsk(fetching);
    await tx.appendEvent(makeFetchingEvent(fetching, place, source.by));
  });
  return { outcome: 'fetching', release: null, ask: fetching };
}
