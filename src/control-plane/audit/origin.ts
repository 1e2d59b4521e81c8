import { AsyncLocalStorage } from 'node:async_hooks';
import type { NewEvent } from '../../core/records/event.ts';
import type { StoreWriter } from '../../ports/records/store.ts';

const origins = new AsyncLocalStorage<string>();

/** Runs work that a request asks for; every event of it tells the host that the request came from. */
export function withOrigin<T>(origin: string, work: () => T): T {
  return origins.run(origin, work);
}

/** The writer of a transaction, whose events tell where the request came from that it is done for. */
export function tellOrigin(tx: StoreWriter): StoreWriter {
  const origin = origins.getStore();
  if (origin === undefined) return tx;
  const withIt = <Event extends NewEvent>(event: Event): Event => ({ ...event, data: { ...event.data, origin } });
  return { ...tx, appendEvent: (event) => tx.appendEvent(withIt(event)) };
}
