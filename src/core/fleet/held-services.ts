/** A service in an environment that a control plane holds, or held. */
export interface HeldService {
  readonly service: string;
  readonly environment: string;
  /**
   * | origin | who asked for it |
   * |---|---|
   * | given | whoever started the control plane; it is held while they name it |
   * | released | whoever released it; it is held until it is removed |
   * | removed | nobody any more |
   */
  readonly origin: 'given' | 'released' | 'removed';
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
 * | all of the store | everything that was ever held or released, unless it was removed |
 *
 * @param asked null for all of the store.
 */
export function heldAtStart(
  recorded: readonly HeldService[],
  asked: readonly Scope[] | null,
  released: readonly Scope[],
): readonly Scope[] {
  const removed = new Set(recorded.filter(({ origin }) => origin === 'removed').map(keyOf));
  const wanted =
    asked === null
      ? [...recorded, ...released].filter((scope) => !removed.has(keyOf(scope)))
      : [...asked, ...recorded.filter(({ origin }) => origin === 'released')];
  const scopes = new Map(
    wanted.map(({ service, environment }) => [keyOf({ service, environment }), { service, environment }]),
  );
  return [...scopes.values()];
}

const keyOf = ({ service, environment }: Scope): string => `${service}\n${environment}`;
