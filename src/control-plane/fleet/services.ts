import { controlPlaneSteps } from '../../core/units/next-steps/control-plane-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { ServiceControl } from '../service/service-control.ts';
import type { AskedScope, ServiceScope } from '../service/service-scope.ts';

const keyOf = ({ service, environment }: ServiceScope): string => `${service}\n${environment}`;
/** An error names a few of many. */
const namedAtMost = 5;

/** The services that a control plane holds, found by what a request names. */
export class Services {
  readonly #controls = new Map<string, ServiceControl>();
  #sorted: readonly ServiceControl[] = [];
  /** Those that were held once: an error says so. */
  removed: readonly ServiceScope[] = [];

  get size(): number {
    return this.#controls.size;
  }

  add(control: ServiceControl): void {
    this.#controls.set(keyOf(control.scope), control);
    this.#sort();
  }

  remove(scope: ServiceScope): void {
    this.#controls.delete(keyOf(scope));
    this.#sort();
  }

  get(scope: ServiceScope): ServiceControl | undefined {
    return this.#controls.get(keyOf(scope));
  }

  /** Sorted by service and environment. */
  all(): readonly ServiceControl[] {
    return this.#sorted;
  }

  #sort(): void {
    this.#sorted = [...this.#controls].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, control]) => control);
  }

  /** What a request is about, as far as it can be told: a name that is left out is that of the only service that fits. */
  scopeOf(asked: AskedScope): { readonly service: string | null; readonly environment: string | null } {
    const [only, ...others] = this.#fitting(asked);
    if (only !== undefined && others.length === 0) return only.scope;
    return { service: asked.service ?? null, environment: asked.environment ?? null };
  }

  /**
   * @throws PlimsollError `service-unknown` (not-found) where none fits, `service-unnamed` (input) where several do.
   */
  find(asked: AskedScope): ServiceControl {
    const fitting = this.#fitting(asked);
    const [only] = fitting;
    if (only === undefined) throw this.#unknown(asked);
    if (fitting.length === 1) return only;
    throw new PlimsollError({
      code: 'service-unnamed',
      category: 'input',
      message: `${fitting.length} services fit, and the request names none of them: ${nameSome(fitting)}`,
      next: nextStep(controlPlaneSteps, 'service-unnamed/status-server'),
    });
  }

  #fitting({ service, environment }: AskedScope): readonly ServiceControl[] {
    if (service !== undefined && environment !== undefined) {
      const named = this.get({ service, environment });
      return named === undefined ? [] : [named];
    }
    return this.all().filter(
      (control) =>
        (service === undefined || control.service === service) &&
        (environment === undefined || control.environment === environment),
    );
  }

  #unknown({ service, environment }: AskedScope): PlimsollError {
    const asked = `${service ?? 'any service'}${environment === undefined ? '' : ` in ${environment}`}`;
    const all = this.all();
    const isAsked = (scope: ServiceScope): boolean =>
      scope.service === service && (environment === undefined || scope.environment === environment);
    const removed = this.removed.find(isAsked);
    if (removed !== undefined) {
      return new PlimsollError({
        code: 'service-removed',
        category: 'not-found',
        message: `${removed.service} was removed from ${removed.environment}`,
        next: nextStep(controlPlaneSteps, 'service-removed/history-shows-its'),
      });
    }
    return new PlimsollError({
      code: 'service-unknown',
      category: 'not-found',
      message: `this control plane does not hold ${asked}; ${all.length === 0 ? 'it holds none yet' : `it holds ${nameSome(all)}`}`,
      next: nextStep(controlPlaneSteps, 'service-unknown/release-takes'),
    });
  }
}

function nameSome(controls: readonly ServiceControl[]): string {
  const named = controls.slice(0, namedAtMost).map(({ service, environment }) => `${service} in ${environment}`);
  const rest = controls.length - named.length;
  return rest > 0 ? `${named.join(', ')} and ${rest} more` : named.join(', ');
}
