import type { EventEmitter } from 'node:events';
import type { ProvingPorts } from '../prove/ports.ts';
import { PlimsollError } from '../core/units/errors.ts';

const signals = ['SIGINT', 'SIGTERM'] as const;

/** Hears the first SIGINT or SIGTERM that a process is sent; the second one ends it, as it does without a handler. */
export function hearInterruption(
  process: Pick<EventEmitter, 'once' | 'off'>,
): Pick<ProvingPorts, 'compute' | 'signal'> {
  const interrupt = new AbortController();
  const abort = (): void => {
    interrupt.abort(new PlimsollError({ code: 'interrupted', category: 'unavailable', message: 'interrupted' }));
  };
  const listen = (): void => {
    for (const signal of signals) process.once(signal, abort);
  };
  listen();
  return {
    signal: interrupt.signal,
    compute: (work) => {
      for (const signal of signals) process.off(signal, abort);
      try {
        return work();
      } finally {
        if (!interrupt.signal.aborted) listen();
      }
    },
  };
}
