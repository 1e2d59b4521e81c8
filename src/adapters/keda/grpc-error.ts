import { status } from '@grpc/grpc-js';
import { asPlimsollError, type ErrorCategory } from '../../core/units/errors.ts';

const codes: Readonly<Record<ErrorCategory, status>> = {
  input: status.INVALID_ARGUMENT,
  'not-found': status.NOT_FOUND,
  conflict: status.ABORTED,
  refused: status.FAILED_PRECONDITION,
  corrupt: status.DATA_LOSS,
  unauthorized: status.PERMISSION_DENIED,
  overloaded: status.RESOURCE_EXHAUSTED,
  unavailable: status.UNAVAILABLE,
  bug: status.INTERNAL,
};

/** It travels in a header, which clients take up to 8 KB of. */
const detailsAtMost = 1_000;

/** The status that a call ends with, for whatever was thrown. */
export function grpcError(thrown: unknown): { code: status; details: string } {
  const { category, message, next } = asPlimsollError(thrown);
  const details = next === undefined ? message : `${message} (next: ${next})`;
  return { code: codes[category], details: details.slice(0, detailsAtMost) };
}
