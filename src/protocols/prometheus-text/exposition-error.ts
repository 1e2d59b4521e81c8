import { PlimsollError } from '../../core/units/errors.ts';

/** What is wrong with an exposition, and where: line and column count from 1, columns in UTF-16 units. */
export function expositionError(message: string, line: number, column: number): PlimsollError {
  return new PlimsollError({
    code: 'metrics-garbage',
    category: 'input',
    message: `the metrics are no Prometheus text: line ${line}, column ${column}: ${message}`,
    next: 'look at what the endpoint answers: curl URL | head',
    details: { line, column },
  });
}

export function expositionTooLarge(what: string): PlimsollError {
  return new PlimsollError({
    code: 'metrics-too-large',
    category: 'refused',
    message: `the metrics have more than ${what}`,
    next: 'let the endpoint export fewer series, or ask a Prometheus server with a selector',
  });
}
