import type { NotifyTarget } from '../../contract/notify-target.ts';

export type AlertFamily = 'capacity' | 'cost' | 'drift' | 'health' | 'release' | 'replica' | 'scaling' | 'start';

/** Something that people are told of, until it is resolved. */
export interface Alert {
  readonly service: string;
  readonly environment: string;
  readonly family: AlertFamily;
  /** Of one thing: the same key again is the same alert. Unique in its service and environment. */
  readonly key: string;
  /** For programs: `PlimsollDrift`. */
  readonly name: string;
  readonly severity: 'critical' | 'warning';
  /** One or two sentences for people. */
  readonly summary: string;
  /** What to do, with a command in backticks; null where nothing is known. */
  readonly next: string | null;
  readonly startedAtMs: number;
  /** Null while it stands. */
  readonly resolvedAtMs: number | null;
}

/** What is sent to a target at once: all alerts of one service and family that changed meanwhile. */
export interface AlertMessage {
  /** The same when it is sent again, so that a receiver can tell. */
  readonly id: string;
  readonly service: string;
  readonly environment: string;
  readonly alerts: readonly Alert[];
  /** Sent by `plimsoll watch test-notify`: nothing happened. */
  readonly isTest: boolean;
}

/** Tells targets apart. Never shown: the path of an address may be what protects it. */
export function keyOfTarget(target: NotifyTarget): string {
  const to = target.kind === 'smtp' ? ` ${target.to.join(' ')}` : '';
  return `${target.kind} ${target.address}${to}`;
}

/** A target by what may be shown: `slack hooks.slack.com`, `webhook secret/alerts#url`. */
export function nameTarget({ kind, address }: NotifyTarget): string {
  return `${kind} ${address.replace(/^(?:https?|smtps?):\/\/([^/?#]*).*$/s, '$1')}`;
}

const firingWords = { critical: 'Firing', warning: 'Warning' } as const;

/** `Firing: digits in prod: Release 4 failed: ... Next: ...`. */
export function describeAlert({ severity, service, environment, summary, next, resolvedAtMs }: Alert): string {
  const head = resolvedAtMs === null ? firingWords[severity] : 'Resolved';
  const after = next === null || resolvedAtMs !== null ? '' : ` Next: ${next}`;
  return `${head}: ${service} in ${environment}: ${summary}${after}`;
}
