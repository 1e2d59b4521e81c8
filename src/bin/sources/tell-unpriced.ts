import type { ControlPlaneParts } from '../../control-plane/control-plane.ts';
import { asPlimsollError } from '../../core/units/errors.ts';

/** Each reason that prices cannot be read is told once. */
export function tellUnpriced(log: ControlPlaneParts['log']): (thrown: unknown) => void {
  const told = new Set<string>();
  return (thrown) => {
    const { message } = asPlimsollError(thrown);
    if (told.has(message)) return;
    told.add(message);
    log.warn({ err: thrown }, 'the prices could not be read; an accelerator-second counts as 1');
  };
}
