import { PlimsollError, type ErrorCategory } from '../../core/units/errors.ts';
import { shortDigest } from '../../core/units/digest.ts';
import { barRefusals, signatureRefusal } from '../../core/rollout/judge-release.ts';
import type { Axis, Deployment, Release } from '../../core/rollout/release.ts';
import { chooseRollback, type RollbackChoice, type RollbackRefusal } from '../../core/rollout/rollback-target.ts';
import type { StoreWriter } from '../../ports/store.ts';
import { beginRelease } from './begin-release.ts';
import { write, type OperationsSource } from './operations-source.ts';
import { refused } from './refusal.ts';
import { liveRelease, readOutcomes } from './release.ts';

export interface RollbackRequest {
  readonly service: string;
  readonly environment: string;
  readonly axis: Axis;
  readonly to?: number;
  readonly reason: string;
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
export function rollback(source: OperationsSource, request: RollbackRequest): Promise<Release> {
  return write(source, request.environment, async (tx) => {
    const { service, environment, axis } = request;
    const deployment = await tx.deployment(service, environment);
    const chosen = chooseRollback(
      {
        releases: await tx.releases(service, environment),
        deployment,
        outcomes: await readOutcomes(tx, service, environment),
        bars: await tx.bars(service, environment),
      },
      axis,
      request.to,
    );
    if ('refusal' in chosen) {
      const { code, message, next } = chosen.refusal;
      throw new PlimsollError({ code, category: category[code], message, next, details: { axis, to: request.to } });
    }
    await refuseUnfit(tx, request, chosen.choice, deployment);
    return record(source, tx, request, chosen.choice, deployment);
  });
}

async function refuseUnfit(
  tx: StoreWriter,
  request: RollbackRequest,
  choice: RollbackChoice,
  deployment: Deployment | null,
): Promise<void> {
  if (!choice.unprovenPair) return;
  const { service, environment } = request;
  const live = await liveRelease(tx, deployment);
  const refusals = [
    ...barRefusals(choice, await tx.bars(service, environment)),
    ...signatureRefusal(choice.model, live),
  ];
  if (refusals.length > 0) throw refused(`the rollback to a pair that never ran (${pairText(choice)})`, refusals);
}

async function record(
  source: OperationsSource,
  tx: StoreWriter,
  request: RollbackRequest,
  choice: RollbackChoice,
  deployment: Deployment | null,
): Promise<Release> {
  const { service, environment, axis, reason } = request;
  const now = source.clock.nowMs();
  const { from, to } = choice;
  const recorded = await tx.addRelease({
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
    cause: { kind: 'rollback', axis, from: from.number, to: to.number, reason },
    waivers: [],
    createdAtMs: now,
    createdBy: source.by,
  });
  const left = from[axis].digest;
  await tx.addBar({ service, environment, axis, digest: left, reason, by: source.by, atMs: now });
  await beginRelease(
    tx,
    recorded,
    deployment,
    `Release ${recorded.number}: rollback of the ${axis} from release ${from.number} to release ${to.number}${choice.unprovenPair ? ', an unproven pair' : ''}: ${reason}`,
  );
  await tx.appendEvent({
    service,
    environment,
    kind: 'bar.added',
    summary: `${axis} ${shortDigest(left)} is barred: release ${from.number} was rolled back (${reason})`,
    by: source.by,
    atMs: now,
    data: { axis, digest: left, release: recorded.number, reason },
  });
  return recorded;
}

function pairText(choice: RollbackChoice): string {
  return `code ${shortDigest(choice.code.digest)} with model version ${choice.model.version}`;
}
