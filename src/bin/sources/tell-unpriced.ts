import type { FastifyBaseLogger } from 'fastify';
import { asPlimsollError } from '../../core/units/errors.ts';

/** Tells each reason that prices cannot be read once. */
export function tellUnpriced(log: Pick<FastifyBaseLogger, 'warn'>): (thrown: unknown) => void {
  const told = new Set<string>();
  return (thrown) => {
    const { message } = asPlimsollError(thrown);
    if (told.has(message)) return;
    told.add(message);
    log.warn({ err: thrown }, 'the prices could not be read; an accelerator-second counts as 1');
  };
}
