import { asPlimsollError, type ErrorCategory } from '../../core/units/errors.ts';
import type { Operations } from '../../ports/records/operations.ts';
import type { RefusedAttempt } from './attempt-log.ts';
import { withOrigin, type Origin } from './origin.ts';

/** What is wrong with whoever asks, or with what they may do; a typing mistake and a full disk are none of these. */
const refusedCategories: ReadonlySet<ErrorCategory> = new Set(['unauthorized', 'refused', 'conflict']);

/** Operations whose refusals are events of their own already, with more facts. */
const recordedThemselves: ReadonlySet<string> = new Set(['release', 'rollback']);

/**
 * The operations for one request: what they record tells where the request came from, and what they refuse is noted.
 * @param note left out where nobody keeps attempts.
 */
export function watchOperations(
  operations: Operations,
  { job, ...who }: Pick<RefusedAttempt, 'by' | 'origin'> & Pick<Origin, 'job'>,
  note: ((attempt: RefusedAttempt) => void) | undefined,
): Operations {
  const watched = Object.entries(operations).map(([name, operation]) => {
    const run = operation as (...asked: unknown[]) => Promise<unknown>;
    return [
      name,
      (...asked: unknown[]) => withOrigin({ host: who.origin, job }, () => watch(name, () => run(...asked), asked[0])),
    ];
  });
  const watch = async (name: string, work: () => Promise<unknown>, asked: unknown): Promise<unknown> => {
    try {
      return await work();
    } catch (thrown) {
      const { category, code } = asPlimsollError(thrown);
      const isOwn = recordedThemselves.has(name) && category !== 'unauthorized';
      if (refusedCategories.has(category) && !isOwn) note?.({ ...who, what: name, code, ...scopeIn(asked) });
      throw thrown;
    }
  };
  return Object.fromEntries(watched) as unknown as Operations;
}

function scopeIn(asked: unknown): Pick<RefusedAttempt, 'service' | 'environment'> {
  const { service, environment } = (typeof asked === 'object' && asked !== null ? asked : {}) as Readonly<
    Record<string, unknown>
  >;
  const nameOf = (value: unknown): string | null => (typeof value === 'string' ? value.slice(0, 100) : null);
  return { service: nameOf(service), environment: nameOf(environment) };
}
