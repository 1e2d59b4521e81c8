import { controlPlaneSteps } from '../../core/units/next-steps/control-plane-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { isRemoved, type HeldService } from '../../core/fleet/held-services.ts';
import { isOpenAsk, makeCancelledEvent } from '../../core/rollout/release-ask.ts';
import { makeLeavingEvents, removeDeployment, type Removal } from '../../core/rollout/remove-service.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { Operations } from '../../ports/records/operations.ts';
import type { StoreReader, StoreWriter } from '../../ports/records/store.ts';
import type { RemovalAnswer } from '../../schemas/http/release/http-release.ts';
import { write, type OperationsSource } from './operations-source.ts';

/**
 * Records that a service leaves, in one transaction: whoever reconciles takes its traffic away and stops its replicas, also
 * after a kill. Its records stay. Asked again, it says how far that is.
 */
export async function removeService(
  source: OperationsSource,
  { service, environment, reason }: Parameters<Operations['removeService']>[0],
): Promise<RemovalAnswer> {
  const state = await write(source, environment, async (tx) => {
    const held = await heldOf(tx, service, environment);
    if (held !== null && isRemoved(held)) return held.origin === 'removed' ? 'removed' : 'leaving';
    const atMs = source.clock.nowMs();
    await leave(tx, { service, environment, by: source.by, reason, atMs });
    await tx.setHeldService({ service, environment, origin: 'leaving', sinceMs: held?.sinceMs ?? atMs });
    return 'leaving';
  });
  const replicas = state === 'removed' ? 0 : (await source.facts.replicas(environment)).length;
  return { service, environment, state, replicas };
}

async function leave(tx: StoreWriter, removal: Removal): Promise<void> {
  const { service, environment, by, reason, atMs } = removal;
  const deployment = await tx.deployment(service, environment);
  const canary = await tx.canary(service, environment);
  for (const event of makeLeavingEvents(removal, deployment, canary)) await tx.appendEvent(event);
  if (canary !== null) await tx.endCanary(service, environment);
  const removed = removeDeployment(deployment, removal);
  if (removed !== null) await tx.setDeployment(removed, deployment?.revision ?? null);
  for (const ask of await tx.releaseAsks(service, environment)) {
    if (!isOpenAsk(ask)) continue;
    const why = `the service was removed: ${reason}`;
    const cancelled = { ...ask, state: 'cancelled' as const, reason: why, changedAtMs: atMs, progress: null };
    await tx.setReleaseAsk(cancelled);
    await tx.appendEvent(makeCancelledEvent(cancelled, by));
  }
}

/** Whoever releases a service that was removed takes it up again, under the name that it had. */
export async function takeUpAgain(
  tx: StoreWriter,
  { service, environment, atMs }: { readonly service: string; readonly environment: string; readonly atMs: number },
  by: string,
): Promise<void> {
  const held = await heldOf(tx, service, environment);
  if (held === null || !isRemoved(held)) return;
  await tx.setHeldService({ ...held, origin: 'released' });
  const summary = `${service} was taken up in ${environment} again`;
  await tx.appendEvent({ service, environment, kind: 'service.held', summary, by, atMs, data: {} });
}

export async function heldOf(
  store: Pick<StoreReader, 'heldServices'>,
  service: string,
  environment: string,
): Promise<HeldService | null> {
  const held = await store.heldServices();
  return held.find((each) => each.service === service && each.environment === environment) ?? null;
}

/** A release that was judged while somebody removed its service does not bring it back. @throws PlimsollError `service-removed` (conflict). */
export async function requireHeld(tx: StoreReader, service: string, environment: string): Promise<void> {
  const held = await heldOf(tx, service, environment);
  if (held === null || !isRemoved(held)) return;
  throw new PlimsollError({
    code: 'service-removed',
    category: 'conflict',
    message: `${service} was removed from ${environment}`,
    next: nextStep(controlPlaneSteps, 'service-removed/release-takes-it'),
  });
}
