import { PlimsollError } from '../../core/units/errors.ts';
import type { StoreWriter } from '../../ports/records/store.ts';

/**
 * Lets `work` write for so long. What it writes after that is refused, because its transaction is gone by then, and a
 * statement on its connection would be one of another's.
 * @throws PlimsollError `transaction-too-long` (bug).
 */
export async function holdShortly<T>(
  writer: StoreWriter,
  work: (tx: StoreWriter) => Promise<T>,
  heldAtMostMs: number,
): Promise<T> {
  let isOver = false;
  const guarded = new Proxy(writer, {
    get(target, name, receiver) {
      if (isOver) return () => Promise.reject(transactionOver());
      return Reflect.get(target, name, receiver) as unknown;
    },
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(tooLong(heldAtMostMs));
    }, heldAtMostMs);
  });
  try {
    return await Promise.race([work(guarded), late]);
  } finally {
    clearTimeout(timer);
    isOver = true;
  }
}

function transactionOver(): PlimsollError {
  return new PlimsollError({ code: 'transaction-over', category: 'bug', message: 'this transaction has ended' });
}

function tooLong(heldAtMostMs: number): PlimsollError {
  return new PlimsollError({
    code: 'transaction-too-long',
    category: 'bug',
    message: `a transaction took longer than ${heldAtMostMs / 1_000} s and was rolled back, because every other write waited for it`,
    next: 'report this error with the log of the control plane',
  });
}
