/** A service in an environment that a control plane holds, or held. */
export interface HeldService {
  readonly service: string;
  readonly environment: string;
  /**
   * | origin | who asked for it |
   * |---|---|
   * | given | whoever started the control plane; it is held while they name it |
   * | released | whoever released it; it is held from then on |
   */
  readonly origin: 'given' | 'released';
  /** Since when it is so. */
  readonly sinceMs: number;
}

type Scope = Pick<HeldService, 'service' | 'environment'>;

/**
 * What a control plane holds when it starts.
 *
 * | asked for | held |
 * |---|---|
 * | some services | those, and what was released to it beside them |
 * | all of the store | everything that was ever held or released |
 *
 * @param asked null for all of the store.
 */
export function heldAtStart(
  recorded: readonly HeldService[],
  asked: readonly Scope[] | null,
  released: readonly Scope[],
): readonly Scope[] {
  const wanted =
    asked === null ? [...recorded, ...released] : [...asked, ...recorded.filter(({ origin }) => origin === 'released')];
  const scopes = new Map(
    wanted.map(({ service, environment }) => [keyOf({ service, environment }), { service, environment }]),
  );
  return [...scopes.values()];
}

const keyOf = ({ service, environment }: Scope): string => `${service}\n${environment}`;
