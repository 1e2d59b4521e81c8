import type { ReadContent } from '../records/event.ts';
import { formatPercent } from '../units/quantity/quantity-percent.ts';
import type { HealthChange } from './health.ts';

/** Kinds of events that may change how a service behaves. */
export const changeKinds = ['release.live', 'release.failed', 'rollout.step-began', 'hardware.changed'] as const;

/** What an event changed, as a part of a sentence; null for one that changes nothing about the answers of a service. */
export function changeOf(event: ReadContent & { readonly atMs: number }): HealthChange | null {
  const what = describeChange(event);
  return what === null ? null : { what, atMs: event.atMs };
}

function describeChange(event: ReadContent): string | null {
  switch (event.kind) {
    case 'release.live':
      return `release ${event.data.release} went live`;
    case 'release.failed':
      return typeof event.data.release === 'number' ? `release ${event.data.release} failed` : null;
    case 'rollout.step-began': {
      const { release, share = 0 } = event.data;
      return share === 0 ? null : `release ${release} got ${formatPercent(share)} of the traffic`;
    }
    case 'hardware.changed':
      return `the hardware changed (${event.data.change})`;
    default:
      return null;
  }
}
