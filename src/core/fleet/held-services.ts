/** A service in an environment that a control plane holds, or held. */
export interface HeldService {
  readonly service: string;
  readonly environment: string;
  /**
   * | origin | who asked for it |
   * |---|---|
   * | given | whoever started the control plane; it is held while they name it |
   * | released | whoever released it; it is held from then on |
   * | leaving | somebody removed it; it is held until its last replica has stopped |
   * | removed | nobody; a release takes it up again |
   */
  readonly origin: 'given' | 'released' | 'leaving' | 'removed';
  /** Since when it is so; of one that was removed, since when it was held, by which it keeps its name. */
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
 * What was removed is not held, even if somebody asks for it; what is still leaving is.
 *
 * @param asked null for all of the store.
 */
export function heldAtStart(
  recorded: readonly HeldService[],
  asked: readonly Scope[] | null,
  released: readonly Scope[],
): readonly Scope[] {
  const stays = recorded.filter(({ origin }) => origin === 'released' || origin === 'leaving');
  const wanted = asked === null ? [...recorded, ...released] : [...asked, ...stays];
  const scopes = new Map(
    wanted.map(({ service, environment }) => [keyOf({ service, environment }), { service, environment }]),
  );
  for (const held of recorded) if (held.origin === 'removed') scopes.delete(keyOf(held));
  return [...scopes.values()];
}

/** Somebody removed it: it takes no requests and no rollback. */
export function isRemoved({ origin }: Pick<HeldService, 'origin'>): boolean {
  return origin === 'leaving' || origin === 'removed';
}

const keyOf = ({ service, environment }: Scope): string => `${service}\n${environment}`;

/** Whether a service has a record, whatever it says. */
export function isRecorded(recorded: readonly HeldService[], { service, environment }: Scope): boolean {
  return recorded.some((each) => each.service === service && each.environment === environment);
}
