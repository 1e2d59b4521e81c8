import type { ErrorCategory, PlimsollError } from '../../core/units/errors.ts';

const ofCategory: Readonly<Record<ErrorCategory, number>> = {
  input: 400,
  'not-found': 404,
  conflict: 409,
  refused: 422,
  corrupt: 500,
  unauthorized: 401,
  overloaded: 429,
  unavailable: 503,
  bug: 500,
};

/** Where the category alone says too little. */
const ofCode: Readonly<Record<string, number>> = {
  'deadline-passed': 504,
  'body-too-large': 413,
  'body-budget': 503,
  'body-timeout': 408,
  'encoding-unsupported': 415,
  'method-not-allowed': 405,
  'credential-unknown': 403,
};

export function httpStatusOf(error: PlimsollError): number {
  return ofCode[error.code] ?? ofCategory[error.category];
}

/** Statuses that ask the client to come back carry Retry-After, in whole seconds. */
export function retryAfterOf(status: number): number | null {
  return status === 429 || status === 503 ? 1 : null;
}
