import { bindSubjects } from '../../core/evidence/subjects.ts';
import type { Evidence } from '../../core/evidence/lock/lock.ts';
import {
  judgeRollback,
  type DrilledVersion,
  type RollbackMeasurements,
} from '../../core/evidence/kinds/rollback-evidence.ts';
import { compareGoldenCase } from '../../core/monitoring/golden-comparison.ts';
import type { Release } from '../../core/rollout/release.ts';
import { isDrillAway } from '../../core/rollout/rollback-target.ts';
import { asPlimsollError, PlimsollError } from '../../core/units/errors.ts';
import type { Operations } from '../../ports/records/operations.ts';
import { goldenSetSchema } from '../../schemas/artifact/golden-set.ts';
import type { ServiceView } from '../../schemas/view/view.ts';
import type { CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { exitStatusOfVerdict } from '../exit-status.ts';
import { gatewayCounts } from './gateway-counts.ts';

const pollMs = 20;
const pollAwayMs = 200;
/** A warm version takes well under a second; a cold one has a whole start in it. */
const swapTimeoutMs = 900_000;

/**
 * Shows on the live service that a way back is there: the model goes to the version before, its golden set is asked
 * through the gateway, and the model comes back. Nothing is barred. Interrupted, it still brings the model back.
 */
export async function drill(context: CliContext, options: Readonly<Record<string, unknown>>): Promise<CommandResult> {
  if (options['code'] === true) throw axisFixed();
  const project = await context.project();
  const { contract } = await project.contract();
  const environment = await context.environment();
  if ((await context.controlPlane()) === null) throw notRunning();
  const operations = await context.operations();
  const scope = { service: contract.service, environment };
  const before = await operations.view(scope.service, environment);
  const live = await liveOf(operations, before);
  const reason = `drill${typeof options['reason'] === 'string' ? `: ${options['reason']}` : ''}`;
  const countsBefore = await gatewayCounts(before, context.signal);

  const to = options['to'] === undefined ? {} : { to: releaseNumber(String(options['to'])) };
  context.terminal.note(
    `drill: the model of release ${live.number} (version ${live.model.version}) goes to the one before`,
  );
  const startedMs = context.clock.monotonicMs();
  // From here on an interrupt must not cut a request: what is not known to be moved is not brought back.
  const patient = await context.patientOperations();
  const there = await patient.rollback({ ...scope, axis: 'model', reason, drill: true, ...to });
  let thereMs: number | null = null;
  let golden = { cases: 0, reproduced: 0 };
  let backMs: number | null = null;
  const warm = before.replicas.some(
    ({ pair, state, admitted }) => pair === there.pair && state === 'ready' && admitted,
  );
  try {
    thereMs = await arrived(context, operations, there, startedMs);
    if (thereMs !== null) golden = await askGolden(context, operations, there, contract.model.name);
  } finally {
    // Whatever went wrong, and whoever interrupted: the service is brought back to the version that served.
    const unstoppable = { clock: context.clock, signal: new AbortController().signal };
    const backStartedMs = context.clock.monotonicMs();
    const back = await bringBack(unstoppable, patient, there, live, reason);
    backMs = await arrived(unstoppable, patient, back, backStartedMs);
    context.terminal.note(`drill: back at version ${live.model.version}${backMs === null ? ' has not been seen' : ''}`);
  }
  context.signal.throwIfAborted();
  const countsAfter = await gatewayCounts(await operations.view(scope.service, environment), context.signal);
  const counted = countsBefore !== null && countsAfter !== null;
  const measurements: RollbackMeasurements = {
    model: live.model.name,
    from: drilled(live),
    to: drilled(there),
    warm,
    thereMs: thereMs === null ? null : Math.round(thereMs),
    backMs: backMs === null ? null : Math.round(backMs),
    goldenCases: golden.cases,
    goldenReproduced: golden.reproduced,
    // A gateway that was started again meanwhile counts from zero.
    answered:
      counted && countsAfter.answered >= countsBefore.answered ? countsAfter.answered - countsBefore.answered : null,
    failed: counted && countsAfter.failed >= countsBefore.failed ? countsAfter.failed - countsBefore.failed : null,
  };
  return record(context, environment, measurements);
}

async function liveOf(operations: Operations, { service, environment, deployment }: ServiceView): Promise<Release> {
  if (deployment !== null && deployment.incoming !== null) {
    throw new PlimsollError({
      code: 'release-under-way',
      category: 'conflict',
      message: `release ${deployment.incoming} is under way; a drill would put an end to it`,
      next: 'plimsoll status; then plimsoll rollback --drill',
    });
  }
  const releases = await operations.releases(service, environment);
  const live = releases.find(({ number }) => number === deployment?.live);
  if (live !== undefined && isDrillAway(live)) throw drillAway(live, releases);
  if (live !== undefined) return live;
  throw new PlimsollError({
    code: 'nothing-live',
    category: 'conflict',
    message: 'nothing is live, so that there is no way back to show',
    next: 'plimsoll release',
  });
}

/**
 * The release that brings the model back. While the control plane is away it asks again; what somebody else did
 * meanwhile stands.
 * @throws PlimsollError `drill-overtaken` (conflict), `drill-not-back` (unavailable).
 */
async function bringBack(
  { clock, signal }: Pick<CliContext, 'clock' | 'signal'>,
  operations: Operations,
  there: Release,
  live: Release,
  reason: string,
): Promise<Release> {
  const { service, environment } = there;
  const startedMs = clock.monotonicMs();
  for (;;) {
    const view = await operations.view(service, environment).catch(stillAway);
    const current = view?.deployment?.incoming ?? view?.deployment?.live;
    if (view !== null && current !== there.number) {
      const last = (await operations.releases(service, environment)).find(({ number }) => number === current);
      // An answer that was lost on its way: the model is back already.
      if (last !== undefined && isWayBack(last, there, live, reason)) return last;
      // A way there that never arrived left the model where it was.
      if (last !== undefined && last.number === live.number) return last;
      throw overtaken(last, there);
    }
    const request = { service, environment, axis: 'model', reason, drill: true, to: live.number } as const;
    const back = view === null ? null : await operations.rollback(request).catch(stillAway);
    if (back !== null) return back;
    if (clock.monotonicMs() - startedMs > swapTimeoutMs) throw notBack(there, live);
    await clock.sleep(pollAwayMs, signal);
  }
}

function isWayBack({ cause }: Release, there: Release, live: Release, reason: string): boolean {
  return (
    cause.kind === 'rollback' && cause.from === there.number && cause.to === live.number && cause.reason === reason
  );
}

function overtaken(last: Release | undefined, there: Release): PlimsollError {
  const what = last === undefined ? 'another release' : `release ${last.number} (model version ${last.model.version})`;
  return new PlimsollError({
    code: 'drill-overtaken',
    category: 'conflict',
    message: `${what} came in while the drill was at release ${there.number}, by ${last?.createdBy ?? 'somebody else'}; it stands, and nothing is recorded of the drill`,
    next: 'plimsoll history; then plimsoll rollback --drill',
  });
}

function notBack(there: Release, live: Release): PlimsollError {
  return new PlimsollError({
    code: 'drill-not-back',
    category: 'unavailable',
    message: `the control plane does not answer, and the service is left at release ${there.number} (model version ${there.model.version})`,
    next: `plimsoll up; then plimsoll rollback --model --to ${live.number}`,
  });
}

/** Milliseconds until every gateway acknowledged a table in which this release is live; null where that never was. */
async function arrived(
  { clock, signal }: Pick<CliContext, 'clock' | 'signal'>,
  operations: Operations,
  release: Release,
  startedMs: number,
): Promise<number | null> {
  while (clock.monotonicMs() - startedMs < swapTimeoutMs) {
    signal.throwIfAborted();
    const view = await operations.view(release.service, release.environment).catch(stillAway);
    if (view !== null && isThere(view, release.number)) return clock.monotonicMs() - startedMs;
    if (view !== null && view.deployment?.incoming !== release.number && view.deployment?.live !== release.number)
      return null;
    await clock.sleep(pollMs, signal);
  }
  return null;
}

/** A control plane that is being started again is away for a moment, and goes on where it was. */
function stillAway(thrown: unknown): null {
  if (asPlimsollError(thrown).category === 'unavailable') return null;
  throw thrown;
}

function isThere({ deployment, gateways, routingGeneration }: ServiceView, release: number): boolean {
  return (
    deployment?.live === release &&
    gateways.length > 0 &&
    gateways.every(({ acknowledgedGeneration }) => acknowledgedGeneration >= routingGeneration)
  );
}

/** Through the gateway, as clients ask: so that it is seen that the other version answers, and not that it could. */
async function askGolden(
  context: CliContext,
  operations: Operations,
  release: Release,
  model: string,
): Promise<{ readonly cases: number; readonly reproduced: number }> {
  if (release.golden === null) return { cases: 0, reproduced: 0 };
  const { gatewayUrl } = await operations.view(release.service, release.environment);
  const bytes = await (await context.blobs()).read(release.golden.blob, context.signal);
  const { cases, tolerance } = goldenSetSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  const client = await context.replicaClient();
  let reproduced = 0;
  for (const pinned of cases) {
    const answer = await client.infer(gatewayUrl ?? '', model, pinned.inputs, context.signal).catch(() => null);
    if (answer !== null && compareGoldenCase(pinned, answer, tolerance).verdict === 'pass') reproduced += 1;
  }
  return { cases: cases.length, reproduced };
}

/** Another drill is under way, or was killed before it brought the model back. */
function drillAway({ number, cause }: Release, releases: readonly Release[]): PlimsollError {
  const from = cause.kind === 'rollback' ? releases.find((release) => release.number === cause.from) : undefined;
  return new PlimsollError({
    code: 'drill-under-way',
    category: 'conflict',
    message: `release ${number} is the way there of another drill, which is under way or was killed before it came back`,
    next: `plimsoll status; where no drill runs, plimsoll rollback --model --to ${from?.number ?? 'RELEASE'} brings the model back`,
  });
}

function drilled({ model }: Release): DrilledVersion {
  return { version: model.version, digest: model.digest, files: model.files.map(({ digest }) => digest) };
}

async function record(
  context: CliContext,
  environment: string,
  measurements: RollbackMeasurements,
): Promise<CommandResult> {
  const project = await context.project();
  const judgement = judgeRollback({ ...measurements });
  const lock = await project.lock();
  const locked = lock?.environments[environment];
  const recorded = lock !== null && locked !== undefined;
  if (recorded) {
    const evidence: Evidence = {
      kind: 'rollback',
      subjects: bindSubjects('rollback', { 'previous-model': measurements.to.digest }),
      measurements: { ...measurements },
      measuredAtMs: context.clock.nowMs(),
      by: context.user,
      plimsollVersion: context.version,
    };
    const evidenceOf = { ...locked.evidence, rollback: evidence };
    await project.writeLock({
      ...lock,
      environments: { ...lock.environments, [environment]: { ...locked, evidence: evidenceOf } },
    });
  }
  const text = [
    `drill: ${judgement.verdict}: ${judgement.reasons.join('; ')}`,
    recorded ? 'recorded in plimsoll.lock' : `not recorded: the lock does not pin ${environment}`,
    ...(judgement.verdict === 'pass' ? ['next: git add plimsoll.lock'] : ['next: plimsoll history']),
  ].join('\n');
  return { exit: exitStatusOfVerdict(judgement.verdict), json: { ...judgement, measurements, recorded }, text };
}

function releaseNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new PlimsollError({
    code: 'option-invalid',
    category: 'input',
    message: `--to is the number of a release, not \`${text}\``,
    next: 'plimsoll history',
  });
}

function axisFixed(): PlimsollError {
  return new PlimsollError({
    code: 'drill-of-code',
    category: 'input',
    message: 'a drill is of the model: rollback evidence is of two model versions',
    next: 'plimsoll rollback --drill',
  });
}

function notRunning(): PlimsollError {
  return new PlimsollError({
    code: 'control-plane-away',
    category: 'unavailable',
    message: 'a drill is done on the live service, and no control plane runs',
    next: 'plimsoll up',
  });
}
