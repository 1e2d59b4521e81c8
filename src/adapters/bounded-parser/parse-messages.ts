import { PlimsollError, type ErrorCategory } from '../../core/units/errors.ts';

export type ParseWork =
  | { readonly kind: 'contract'; readonly bytes: Uint8Array; readonly file: string; readonly shownAs: string }
  | { readonly kind: 'lock' | 'bundle' | 'json'; readonly bytes: Uint8Array; readonly file: string };

export type ParseAnswer =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: WrittenError };

interface WrittenError {
  readonly code: string;
  readonly category: ErrorCategory;
  readonly message: string;
  readonly next: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;
}

/** @throws PlimsollError that the worker wrote. */
export function valueOf(answer: ParseAnswer): unknown {
  if (answer.ok) return answer.value;
  throw new PlimsollError(answer.error);
}
