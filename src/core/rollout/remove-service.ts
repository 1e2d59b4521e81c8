import type { NewEvent } from '../records/event.ts';
import type { CanaryRecord } from './judge/canary.ts';
import type { Deployment } from './release.ts';

export interface Removal {
  readonly service: string;
  readonly environment: string;
  readonly by: string;
  readonly reason: string;
  readonly atMs: number;
}

/**
 * What a removal makes of a deployment: no release is wanted any more, so that the turns take the traffic away first and
 * stop the replicas then. Null where nothing was ever released.
 */
export function removeDeployment(
  deployment: Deployment | null,
  { by, reason, atMs }: Removal,
): Omit<Deployment, 'revision'> | null {
  if (deployment === null) return null;
  const { service, environment } = deployment;
  const nothing = { live: null, incoming: null, phase: 'removed', step: 0, previous: null } as const;
  return { service, environment, ...nothing, reason: `removed by ${by}: ${reason}`, changedAtMs: atMs };
}

/** That the service leaves, and before it what that ends: a step, and a release that was coming in. */
export function makeLeavingEvents(
  { service, environment, by, reason, atMs }: Removal,
  deployment: Deployment | null,
  canary: Pick<CanaryRecord, 'release' | 'step' | 'judgement'> | null,
): readonly NewEvent[] {
  const head = { service, environment, by, atMs };
  const incoming = deployment?.incoming ?? null;
  const ended = `the service was removed by ${by}: ${reason}`;
  const data = {
    release: incoming,
    live: deployment?.live ?? null,
    reason: ended,
    step: canary?.step ?? null,
    judgement: canary?.judgement ?? null,
    aborted: { by, reason },
  };
  const summary = `${service} leaves ${environment}: ${reason}`;
  return [
    ...(incoming === null
      ? []
      : [{ ...head, kind: 'release.failed' as const, summary: `Release ${incoming} failed: ${ended}`, data }]),
    { ...head, kind: 'service.leaving', summary, data: { reason, live: data.live, incoming } },
  ];
}
