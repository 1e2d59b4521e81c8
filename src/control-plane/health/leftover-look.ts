import { controlPlaneSteps } from '../../core/units/next-steps/control-plane-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { UndoneLeftover } from '../../prove/diagnosis/undo-leftovers.ts';

export interface LeftoverLookParts {
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly log: { info(data: object, text: string): void; warn(data: object, text: string): void };
  /** Brings back what killed experiments left on this machine. Left out where replicas run on other machines. */
  readonly undoLeftovers?: () => Promise<readonly UndoneLeftover[]>;
}

const everyMs = 60_000;

/**
 * Makes a function that undoes killed experiments at its first call and once a minute after that, and logs what it did. It returns at
 * once: a file system that hangs holds up no turn, and no second look begins meanwhile. What is kept is logged once.
 */
export function makeLeftoverLook({ clock, log, undoLeftovers }: LeftoverLookParts): () => void {
  let nextMs = -Infinity;
  let isLooking = false;
  let told: ReadonlySet<string> = new Set();
  const look = async (undo: () => Promise<readonly UndoneLeftover[]>): Promise<void> => {
    const undone = await undo();
    const kept = undone.filter(({ outcome }) => outcome === 'kept').map(({ text }) => text);
    for (const { outcome, text, key } of undone) {
      if (outcome !== 'kept') log.info({ key, outcome }, text);
      else if (!told.has(text)) log.warn({ key, next: nextStep(controlPlaneSteps, 'leftover-kept') }, text);
    }
    told = new Set(kept);
  };
  return () => {
    if (undoLeftovers === undefined || isLooking || clock.monotonicMs() < nextMs) return;
    isLooking = true;
    nextMs = clock.monotonicMs() + everyMs;
    void look(undoLeftovers)
      .catch((thrown: unknown) => {
        log.warn({ err: thrown }, 'experiments that were cut off could not be looked at');
      })
      .finally(() => {
        isLooking = false;
      });
  };
}
