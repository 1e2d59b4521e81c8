import { controlPlaneSteps } from '../../../core/units/next-steps/control-plane-steps.ts';
import { nextStep } from '../../../core/units/next-steps/next-step.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import { shortDigest } from '../../../core/units/digest.ts';
import type { Bar } from '../../../core/rollout/release.ts';
import { findWaiverRefusal, type WaiverRefusal } from '../../../core/fleet/environment/waiver-policy.ts';
import type { EvidenceKind, Waiver } from '../../../core/evidence/lock/lock.ts';
import type { Operations } from '../../../ports/records/operations.ts';
import type { StoreWriter } from '../../../ports/records/store.ts';
import { makeBarLiftedEvent, makeWaiverRecordedEvent, makeWaiverWithdrawnEvent } from '../operation-events.ts';
import { write, type OperationsSource } from '../operations-source.ts';

type LiftRequest = Parameters<Operations['liftBar']>[0];

export function barAndWaiverOperations(
  source: OperationsSource,
): Pick<Operations, 'liftBar' | 'waive' | 'withdrawWaivers'> {
  return {
    liftBar: (request) =>
      write(source, request.environment, async (tx) => {
        const bar = findBar(await tx.bars(request.service, request.environment), request);
        await tx.liftBar(bar.service, bar.environment, bar.axis, bar.digest);
        const { service, environment } = bar;
        await tx.appendEvent({
          service,
          environment,
          by: source.by,
          atMs: source.clock.nowMs(),
          ...makeBarLiftedEvent(bar, request.reason),
        });
        return bar;
      }),

    waive: (request) =>
      write(source, request.environment, async (tx) => {
        const { service, environment, ...asked } = request;
        const now = source.clock.nowMs();
        if (asked.untilMs <= now) throw waiverOver(asked.kind);
        const record = await tx.environmentRecord(environment);
        const refusal = findWaiverRefusal(record, environment, { ...asked, atMs: now });
        if (refusal !== null) throw waiverForbidden(refusal, environment, asked.kind);
        await recordWaiver(tx, service, environment, { ...asked, by: source.by, atMs: now });
      }),

    withdrawWaivers: (request) =>
      write(source, request.environment, async (tx) => {
        const { service, environment, kind, reason } = request;
        const now = source.clock.nowMs();
        const all = await tx.withdrawWaivers(service, environment, kind);
        const withdrawn = all.filter((waiver) => waiver.untilMs > now);
        if (withdrawn.length === 0) throw nothingWaived(kind, environment);
        await tx.appendEvent({
          service,
          environment,
          by: source.by,
          atMs: now,
          ...makeWaiverWithdrawnEvent(kind, reason, withdrawn),
        });
        return withdrawn;
      }),
  };
}

/** Whoever gave it and whatever it is for: there is no waiver without its event. */
export async function recordWaiver(
  tx: StoreWriter,
  service: string,
  environment: string,
  waiver: Waiver,
): Promise<void> {
  const { by, atMs } = waiver;
  await tx.addWaiver(service, environment, waiver);
  await tx.appendEvent({ service, environment, by, atMs, ...makeWaiverRecordedEvent(waiver) });
}

function nothingWaived(kind: string, environment: string): PlimsollError {
  return new PlimsollError({
    code: 'nothing-waived',
    category: 'not-found',
    message: `no waiver of ${kind} evidence is in force in ${environment}`,
    next: nextStep(controlPlaneSteps, 'nothing-waived'),
  });
}

function waiverForbidden(refusal: WaiverRefusal, environment: string, kind: EvidenceKind): PlimsollError {
  return new PlimsollError({ category: 'refused', ...refusal, details: { environment, kind } });
}

export function waiverOver(kind: string): PlimsollError {
  return new PlimsollError({
    code: 'waiver-over',
    category: 'input',
    message: `the waiver of ${kind} would be over before it begins`,
    next: 'give --until a date that is still to come',
  });
}

/** By the whole digest or by its first hexadecimal digits, as `history` prints them. */
function findBar(bars: readonly Bar[], request: LiftRequest): Bar {
  const wanted = request.digest.replace(/^sha256:/, '');
  const found = bars.filter((bar) => bar.axis === request.axis && bar.digest.startsWith(`sha256:${wanted}`));
  const [bar] = found;
  if (bar !== undefined && found.length === 1 && wanted.length >= 4) return bar;
  throw new PlimsollError({
    code: found.length > 1 ? 'ambiguous-digest' : 'unknown-bar',
    category: found.length > 1 ? 'input' : 'not-found',
    message:
      found.length > 1
        ? `${found.length} bars of the ${request.axis} axis begin with ${wanted}`
        : `no ${request.axis} that begins with ${wanted || '(nothing)'} is barred`,
    next: nextStep(controlPlaneSteps, 'ambiguous-digest+unknown-bar'),
    details: { bars: bars.map((candidate) => `${candidate.axis}:${shortDigest(candidate.digest)}`) },
  });
}
