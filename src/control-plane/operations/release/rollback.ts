import { PlimsollError, type ErrorCategory } from '../../../core/units/errors.ts';
import { shortDigest } from '../../../core/units/digest.ts';
import { barRefusals, codeSignatureRefusal, signatureRefusal } from '../../../core/rollout/judge-release.ts';
import type { Deployment, Release } from '../../../core/rollout/release.ts';
import { makeRollbackRelease, type RollbackRequest } from '../../../core/rollout/rollback-release.ts';
import {
  chooseRollback,
  type RollbackChoice,
  type RollbackRefusal,
  type RollbackState,
} from '../../../core/rollout/rollback-target.ts';
import type { StoreWriter } from '../../../ports/records/store.ts';
import { recordRelease } from './begin-release.ts';
import { makeRollbackRefusedEvent } from '../operation-events.ts';
import { write, type OperationsSource } from '../operations-source.ts';
import { refused } from '../refusal.ts';
import { liveRelease } from './admit-release.ts';

const category: Readonly<Record<RollbackRefusal['code'], ErrorCategory>> = {
  'nothing-to-roll-back': 'conflict',
  'unknown-release': 'not-found',
  'never-live': 'refused',
  'same-digest': 'conflict',
  barred: 'refused',
};

/**
 * Returns one axis to where it was, as a new release; the digest that is left is barred. Evidence is not asked: a way
 * back must not be held up by a budget. A pair that never ran must fit the live signature, and its replicas must
 * reproduce the golden set as any others.
 */
export async function rollback(source: OperationsSource, request: RollbackRequest): Promise<Release> {
  const outcome = await write(source, request.environment, (tx) => judgeAndRecord(source, request, tx));
  if ('release' in outcome) return outcome.release;
  throw outcome.refused;
}

type Outcome = { readonly release: Release } | { readonly refused: PlimsollError };

/** In a transaction that is open already. What is refused is on the record. */
export async function judgeAndRecord(
  source: Pick<OperationsSource, 'by' | 'clock'>,
  request: RollbackRequest,
  tx: StoreWriter,
): Promise<Outcome> {
  const { service, environment, axis } = request;
  const deployment = await tx.deployment(service, environment);
  const chosen = chooseRollback(await readRollbackState(tx, request), axis, request.to);
  if ('refusal' in chosen) return refuse(source, tx, request, refusalError(request, chosen.refusal));
  const unfit = await unfitError(tx, request, chosen.choice, deployment);
  if (unfit !== null) return refuse(source, tx, request, unfit);
  const made = makeRollbackRelease(request, chosen.choice, source.by, source.clock.nowMs());
  return { release: await recordRelease(tx, made, { left: chosen.choice.from }) };
}

/** What a rollback is chosen from. */
export async function readRollbackState(
  tx: StoreWriter,
  { service, environment }: Pick<RollbackRequest, 'service' | 'environment'>,
): Promise<RollbackState> {
  return {
    releases: await tx.releases(service, environment),
    deployment: await tx.deployment(service, environment),
    outcomes: await tx.releaseOutcomes(service, environment),
    bars: await tx.bars(service, environment),
  };
}

/** A refusal is on the record like anything else that was decided. */
async function refuse(
  source: Pick<OperationsSource, 'by' | 'clock'>,
  tx: StoreWriter,
  request: RollbackRequest,
  refusal: PlimsollError,
): Promise<Outcome> {
  const { service, environment } = request;
  const event = makeRollbackRefusedEvent(request, refusal);
  await tx.appendEvent({ service, environment, by: source.by, atMs: source.clock.nowMs(), ...event });
  return { refused: refusal };
}

export function refusalError(request: RollbackRequest, { code, message, next }: RollbackRefusal): PlimsollError {
  const { axis, to } = request;
  return new PlimsollError({ code, category: category[code], message, next, details: { axis, to } });
}

async function unfitError(
  tx: StoreWriter,
  request: RollbackRequest,
  choice: RollbackChoice,
  deployment: Deployment | null,
): Promise<PlimsollError | null> {
  if (!choice.unprovenPair) return null;
  const { service, environment } = request;
  const live = await liveRelease(tx, deployment);
  const refusals = [
    ...barRefusals(choice, await tx.bars(service, environment)),
    ...codeSignatureRefusal(choice),
    ...signatureRefusal(choice.model, live),
  ];
  if (refusals.length === 0) return null;
  return refused(`the rollback to a pair that never ran (${pairText(choice)})`, refusals);
}

function pairText(choice: RollbackChoice): string {
  return `code ${shortDigest(choice.code.digest)} with model version ${choice.model.version}`;
}
