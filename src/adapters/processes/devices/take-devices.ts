import { adapterSteps } from '../../../core/units/next-steps/adapter-steps.ts';
import { nextStep } from '../../../core/units/next-steps/next-step.ts';
import type { DeviceAsk } from '../../../core/packing/shares/shared-device.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import type { Clock } from '../../../ports/process/clock.ts';
import type { DeskAnswer, DeviceDesk } from './device-desk.ts';

/** A device is free again when the process of a replica ended, which may be one that this process did not start. */
const pollMs = 1_000;

/**
 * Returns the parts of devices that a replica is assigned; waits while all that it could use are held.
 * @param waits called with each new reason to wait, for people.
 * @throws PlimsollError `device-missing` (refused) where it would fit on no device, even if all were free.
 */
export async function takeDevices(
  desk: DeviceDesk,
  replicaId: string,
  ask: DeviceAsk,
  {
    waits,
    clock,
    signal,
  }: { readonly waits: (reason: string) => Promise<void>; readonly clock: Clock; readonly signal: AbortSignal },
): Promise<Extract<DeskAnswer, { readonly answer: 'assigned' }>> {
  let told = '';
  for (;;) {
    const answer = await desk.assign(replicaId, ask);
    signal.throwIfAborted();
    if (answer.answer === 'assigned') return answer;
    if (answer.fits === 'never') throw noDevice(answer.reason);
    if (answer.reason !== told) await waits(answer.reason);
    told = answer.reason;
    await clock.sleep(pollMs, signal);
  }
}

const noDevice = (reason: string): PlimsollError =>
  new PlimsollError({
    code: 'device-missing',
    category: 'refused',
    message: reason,
    next: nextStep(adapterSteps, 'device-missing'),
  });
