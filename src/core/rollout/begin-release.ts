import { waivedKinds, waivedMarks } from '../evidence/lock/waived-marks.ts';
import type { NewEvent } from '../records/event.ts';
import { shortDigest } from '../units/digest.ts';
import type { CanaryRecord } from './judge/canary.ts';
import type { Bar, Deployment, Release, ReleaseCause } from './release.ts';
import { isDrillAway } from './rollback-target.ts';

/** What a release finds as it begins. */
export interface BeginningWorld {
  readonly deployment: Deployment | null;
  /** The step that is under way. */
  readonly canary: Pick<CanaryRecord, 'release' | 'step' | 'judgement'> | null;
  /** The release that a rollback leaves; null for a release that is no rollback. */
  readonly left: Release | null;
  /** What is stale of the evidence that a rollback goes back to, in words. */
  readonly staleEvidence: readonly string[];
  /** Its contract asks for a drill, and fewer than two models have served. */
  readonly undrilled: boolean;
}

/** What the beginning of a release changes: all of it in one transaction. What becomes of releases is in the events. */
export interface BegunRelease {
  readonly deployment: Omit<Deployment, 'revision'>;
  /** The step that is under way ends. */
  readonly endsStep: boolean;
  /** On the digest that a rollback leaves; null where nothing is to blame. */
  readonly bar: Bar | null;
  readonly events: readonly NewEvent[];
}

/**
 * Makes a numbered release the incoming one. Releases, rollbacks and rollbacks of the journal all begin here.
 *
 * | found | change |
 * |---|---|
 * | a release that comes in | it is superseded |
 * | a step that is under way | it ends, and its release is taken back |
 * | the release is a rollback, and no drill | the digest that it leaves is barred |
 * | the release is a drill, or leaves what a drill went to | nothing is barred |
 */
export function beginRelease(release: Release, world: BeginningWorld): BegunRelease {
  const bar = barOf(release, world.left);
  return {
    deployment: incomingDeployment(release, world.deployment),
    endsStep: world.canary !== null,
    bar,
    events: [
      ...makeSupersededEvents(release, world.deployment),
      ...makeAbortedEvents(release, world.canary),
      makeCreatedEvent(release, world),
      ...makeBarredEvents(release, bar, world.left),
    ],
  };
}

function incomingDeployment(release: Release, before: Deployment | null): Omit<Deployment, 'revision'> {
  return {
    service: release.service,
    environment: release.environment,
    live: before?.live ?? null,
    incoming: release.number,
    phase: 'starting',
    step: 0,
    previous: before?.previous ?? null,
    reason: `release ${release.number} comes in`,
    changedAtMs: release.createdAtMs,
  };
}

function barOf(release: Release, left: Release | null): Bar | null {
  const { cause, service, environment, createdBy, createdAtMs } = release;
  if (cause.kind !== 'rollback' || left === null) return null;
  // What a drill went to is left without a reproach, by the drill or by whoever brings back one that was killed.
  if (cause.drill === true || isDrillAway(left)) return null;
  const { axis, reason } = cause;
  return { service, environment, axis, digest: left[axis].digest, reason, by: createdBy, atMs: createdAtMs };
}

function headOf({ service, environment, createdBy, createdAtMs }: Release) {
  return { service, environment, by: createdBy, atMs: createdAtMs };
}

function makeSupersededEvents(release: Release, deployment: Deployment | null): readonly NewEvent[] {
  const incoming = deployment?.incoming ?? null;
  if (incoming === null) return [];
  return [
    {
      ...headOf(release),
      kind: 'release.superseded',
      summary: `Release ${incoming} was put an end to while it came in: release ${release.number} takes its place`,
      data: { release: incoming, by: release.number },
    },
  ];
}

function makeAbortedEvents(release: Release, canary: BeginningWorld['canary']): readonly NewEvent[] {
  if (canary === null) return [];
  const { step, judgement } = canary;
  return [
    {
      ...headOf(release),
      kind: 'rollout.aborted',
      summary: `Release ${canary.release} was taken back from its step: release ${release.number} takes its place`,
      data: { release: canary.release, step, by: release.number, judgement },
    },
  ];
}

function makeCreatedEvent(release: Release, { staleEvidence, undrilled }: BeginningWorld): NewEvent {
  const { cause } = release;
  const summary = cause.kind === 'rollback' ? rollbackText(release, cause) : releaseText(release, undrilled);
  const { name, version, digest } = release.model;
  const isStale = staleEvidence.length > 0;
  return {
    ...headOf(release),
    kind: 'release.created',
    summary: isStale ? `${summary}; its evidence is stale: ${staleEvidence.join('; ')}` : summary,
    data: {
      release: release.number,
      ...(isStale ? { staleEvidence } : {}),
      code: release.code.digest,
      model: { name, version, digest },
      pair: release.pair,
      unprovenPair: release.unprovenPair,
      cause,
      waivers: release.waivers,
    },
  };
}

function releaseText({ number, model, code, waivers }: Release, undrilled: boolean): string {
  return [
    `Release ${number}: model ${model.name} version ${model.version} with code ${shortDigest(code.digest)}`,
    ...waivedMarks(waivedKinds(waivers)).map(({ text }) => text),
    ...(undrilled ? ['no way back was drilled, because fewer than two models have served'] : []),
  ].join('; ');
}

function rollbackText(
  { number, unprovenPair }: Release,
  { axis, from, to, reason }: Extract<ReleaseCause, { readonly kind: 'rollback' }>,
): string {
  return `Release ${number}: rollback of the ${axis} from release ${from} to release ${to}${unprovenPair ? ', an unproven pair' : ''}: ${reason}`;
}

function makeBarredEvents(release: Release, bar: Bar | null, left: Release | null): readonly NewEvent[] {
  if (bar === null || left === null) return [];
  const { axis, digest, reason } = bar;
  return [
    {
      ...headOf(release),
      kind: 'bar.added',
      summary: `${axis} ${shortDigest(digest)} is barred: release ${left.number} was rolled back (${reason})`,
      data: { axis, digest, release: release.number, reason },
    },
  ];
}
