/** Of one service in one environment. */
export interface Scope {
  readonly service: string;
  readonly environment: string;
}

/** Whether a row is of a service in an environment. */
export const inScope =
  ({ service, environment }: Scope) =>
  (row: Scope): boolean =>
    row.service === service && row.environment === environment;

/** What goes into a store comes out as JSON would carry it, and nobody can change it from outside. */
export function copied<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
