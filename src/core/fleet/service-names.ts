import type { HeldService } from './held-services.ts';

/** What a host name may have between two dots, which is also what a path segment may be. */
const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

export interface NamedService {
  readonly service: string;
  readonly environment: string;
  readonly names: readonly string[];
}

/**
 * The names that clients call services by: `NAME--ENVIRONMENT`, and `NAME` alone for the environment that had it first, so
 * that another environment takes no name away. A name that is no label of a host name is left out.
 */
export function nameServices(
  held: readonly Pick<HeldService, 'service' | 'environment' | 'sinceMs'>[],
): readonly NamedService[] {
  const oldestFirst = held.toSorted(
    (a, b) => a.sinceMs - b.sinceMs || (`${a.service}\n${a.environment}` < `${b.service}\n${b.environment}` ? -1 : 1),
  );
  const taken = new Set<string>();
  return oldestFirst.map(({ service, environment }) => {
    const names = [service, `${service}--${environment}`].filter((name) => label.test(name) && !taken.has(name));
    for (const name of names) taken.add(name);
    return { service, environment, names };
  });
}
