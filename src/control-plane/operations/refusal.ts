import { PlimsollError } from '../../core/units/errors.ts';

interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly next: string;
}

/** Several reasons as one error: the first names it, all of them are in its details. */
export function refused(
  what: string,
  refusals: readonly Refusal[],
  more: Readonly<Record<string, unknown>> = {},
): PlimsollError {
  const [first] = refusals;
  const rest = refusals.length - 1;
  return new PlimsollError({
    code: first?.code ?? 'refused',
    category: 'refused',
    message: `${what} is refused: ${first?.message ?? 'no reason was given'}${rest > 0 ? ` (and ${rest} more)` : ''}`,
    next: first?.next,
    details: { refusals, ...more },
  });
}
