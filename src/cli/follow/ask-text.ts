import { askWords, chooseCurrentAsks, type ShownAsk } from '../../core/rollout/release-ask.ts';
import { formatBytes } from '../../core/units/quantity/quantity-bytes.ts';
import type { ServiceView } from '../../schemas/view/view.ts';

/** `The requested model is being fetched (1.2GiB of 4GiB): the reason`. */
export function askText({ state, reason, progress }: ShownAsk): string {
  const fetched = state === 'fetching' && progress !== null ? ` (${fetchedText(progress)})` : '';
  return `${askWords[state]}${fetched}: ${reason}`;
}

/** `1.2GiB of 4GiB`, or `1.2GiB` where nobody knows of how much. */
export function fetchedText({ doneBytes, totalBytes }: NonNullable<ShownAsk['progress']>): string {
  return `${formatBytes(doneBytes)}${totalBytes === null ? '' : ` of ${formatBytes(totalBytes)}`}`;
}

/** A line for each request that is new, or in another state than in the view before. */
export function askLines(before: ServiceView | null, after: ServiceView): readonly string[] {
  const isTold = ({ id, state }: ShownAsk): boolean =>
    before?.asks?.some((ask) => ask.id === id && ask.state === state) === true;
  return chooseCurrentAsks(after.asks)
    .filter((ask) => !isTold(ask))
    .map((ask) => `${askText(ask)}${ask.next === undefined ? '' : `; next: ${ask.next}`}`);
}
