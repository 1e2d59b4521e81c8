import { PlimsollError, type ErrorCategory } from '../../core/units/errors.ts';
import { shortDigest } from '../../core/units/digest.ts';
import { barRefusals, codeSignatureRefusal, signatureRefusal } from '../../core/rollout/judge-release.ts';
import type { Axis, Deployment, Release } from '../../core/rollout/release.ts';
import {
  chooseRollback,
  isDrillAway,
  type RollbackChoice,
  type RollbackRefusal,
} from '../../core/rollout/rollback-target.ts';
import type { StoreWriter } from '../../ports/records/store.ts';
import { beginRelease } from './begin-release.ts';
import { write, type OperationsSource } from './operations-source.ts';
import { refused } from './refusal.ts';
import { liveRelease } from './release.ts';

export interface RollbackRequest {
  readonly service: string;
  readonly environment: string;
  readonly axis: Axis;
  readonly to?: number;
  readonly reason: string;
  /** It is to be shown that a way back is there: nothing was bad, so that nothing is barred. */
  readonly drill?: boolean;
}

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

async function judgeAndRecord(source: OperationsSource, request: RollbackRequest, tx: StoreWriter): Promise<Outcome> {
  const { service, environment, axis } = request;
  const deployment = await tx.deployment(service, environment);
  const chosen = chooseRollback(
    {
      releases: await tx.releases(service, environment),
      deployment,
      outcomes: await tx.releaseOutcomes(service, environment),
      bars: await tx.bars(service, environment),
    },
    axis,
    request.to,
  );
  if ('refusal' in chosen) return refuse(source, tx, request, refusalError(request, chosen.refusal));
  const unfit = await unfitError(tx, request, chosen.choice, deployment);
  if (unfit !== null) return refuse(source, tx, request, unfit);
  return {
    release: await recordRollback(tx, request, chosen.choice, deployment, {
      by: source.by,
      atMs: source.clock.nowMs(),
    }),
  };
}

/** A refusal is on the record like anything else that was decided. */
async function refuse(
  source: OperationsSource,
  tx: StoreWriter,
  request: RollbackRequest,
  refusal: PlimsollError,
): Promise<Outcome> {
  const { service, environment, axis, to, reason } = request;
  await tx.appendEvent({
    service,
    environment,
    kind: 'rollback.refused',
    summary: `A rollback of the ${axis}${to === undefined ? '' : ` to release ${to}`} was refused: ${refusal.message}`,
    by: source.by,
    atMs: source.clock.nowMs(),
    data: { axis, to: to ?? null, code: refusal.code, reason },
  });
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

/** The release that a rollback makes, but for its number. */
export function makeRollbackRelease(
  { service, environment, axis, reason, drill }: RollbackRequest,
  choice: RollbackChoice,
  by: string,
  atMs: number,
): Omit<Release, 'number'> {
  const { from, to } = choice;
  const away = drill === true && !isDrillAway(from);
  return {
    service,
    environment,
    code: choice.code,
    model: choice.model,
    golden: choice.golden,
    pair: choice.pair,
    unprovenPair: choice.unprovenPair,
    replicas: from.replicas,
    keepPreviousMs: from.keepPreviousMs,
    startTimeoutMs: from.startTimeoutMs,
    steps: from.steps,
    cause: { kind: 'rollback', axis, from: from.number, to: to.number, reason, ...(away ? { drill: true } : {}) },
    waivers: [],
    createdAtMs: atMs,
    createdBy: by,
  };
}

/** Release, bar, deployment and events of one rollback. */
export async function recordRollback(
  tx: StoreWriter,
  request: RollbackRequest,
  choice: RollbackChoice,
  deployment: Deployment | null,
  { by, atMs }: { readonly by: string; readonly atMs: number },
): Promise<Release> {
  const { service, environment, axis, reason } = request;
  const { from, to } = choice;
  const recorded = await tx.addRelease(makeRollbackRelease(request, choice, by, atMs));
  const left = from[axis].digest;
  // What a drill went to is left without a reproach, by the drill or by whoever brings back one that was killed.
  const isBlameless = request.drill === true || isDrillAway(from);
  if (!isBlameless) await tx.addBar({ service, environment, axis, digest: left, reason, by, atMs });
  await beginRelease(
    tx,
    recorded,
    deployment,
    `Release ${recorded.number}: rollback of the ${axis} from release ${from.number} to release ${to.number}${choice.unprovenPair ? ', an unproven pair' : ''}: ${reason}`,
  );
  if (isBlameless) return recorded;
  await tx.appendEvent({
    service,
    environment,
    kind: 'bar.added',
    summary: `${axis} ${shortDigest(left)} is barred: release ${from.number} was rolled back (${reason})`,
    by,
    atMs,
    data: { axis, digest: left, release: recorded.number, reason },
  });
  return recorded;
}

function pairText(choice: RollbackChoice): string {
  return `code ${shortDigest(choice.code.digest)} with model version ${choice.model.version}`;
}
