import type { StoredEvent } from '../../records/event.ts';
import type { Alert, AlertFamily, AlertMessage } from './alert.ts';
import { readAlertNews, type AlertNews, type HealthHold } from './alert-news.ts';

/** Alerts of one family that changed and are not sent yet. */
export interface AlertGroup {
  readonly family: AlertFamily;
  readonly changed: readonly Alert[];
  /** When the first of them changed. */
  readonly sinceMs: number;
  /** When the family was last sent; null before the first time. */
  readonly sentAtMs: number | null;
}

/** A message on its way to one target. */
export interface Delivery {
  /** `keyOfTarget`. */
  readonly target: string;
  readonly message: AlertMessage;
  readonly attempts: number;
  readonly beganAtMs: number;
  readonly nextAtMs: number;
}

/** All that is remembered of the alerts of one service, in one environment: plain JSON of a bounded size. */
export interface NotifyState {
  readonly stateVersion: 1;
  /** Everything up to this event was looked at. */
  readonly afterSeq: number;
  readonly open: readonly Alert[];
  readonly groups: readonly AlertGroup[];
  readonly deliveries: readonly Delivery[];
  readonly health: HealthHold;
  /** When alerts that stand were last sent again to targets that forget them. */
  readonly repeatedAtMs: number;
  /** Messages so far: each has a number of its own. */
  readonly messages: number;
  /** Alerts and messages that were given up: too many, or for too long. */
  readonly dropped: number;
}

/** Changes within this time go out together. */
export const gatherMs = 5_000;
/** One message of a family in this time. */
export const groupEveryMs = 60_000;
/** An Alertmanager forgets an alert that nobody sends again. */
export const repeatEveryMs = 20 * 60_000;
export const alertsAtMost = 200;
export const deliveriesPerTarget = 50;
const retryDelaysMs = [5_000, 15_000, 60_000, 300_000, 900_000] as const;
const retryAtMostMs = 3_600_000;
const giveUpMs = 24 * 3_600_000;

/** Nobody is told of what was recorded before. */
export function beginNotifying(afterSeq: number, nowMs: number): NotifyState {
  return {
    stateVersion: 1,
    afterSeq,
    open: [],
    groups: [],
    deliveries: [],
    health: { badSinceMs: null, goodSinceMs: null },
    repeatedAtMs: nowMs,
    messages: 0,
    dropped: 0,
  };
}

/** @param events in order; those that were looked at before change nothing. */
export function takeEvents(state: NotifyState, events: readonly StoredEvent[], nowMs: number): NotifyState {
  return events.reduce((now, event) => {
    if (event.seq <= now.afterSeq) return now;
    const news = readAlertNews(event);
    return { ...(news === null ? now : takeNews(now, news, nowMs)), afterSeq: event.seq };
  }, state);
}

export function takeNews(state: NotifyState, news: AlertNews, nowMs: number): NotifyState {
  return news.kind === 'raise' ? raise(state, news.alert, nowMs) : resolve(state, news, nowMs);
}

/** An alert that stands already is not told again, unless it became worse or better. */
function raise(state: NotifyState, alert: Alert, nowMs: number): NotifyState {
  const standing = state.open.find(({ key }) => key === alert.key);
  if (standing !== undefined && standing.severity === alert.severity) return state;
  if (standing === undefined && state.open.length >= alertsAtMost) return { ...state, dropped: state.dropped + 1 };
  const { startedAtMs } = standing ?? alert;
  const raised = { ...alert, startedAtMs };
  const others = state.open.filter(({ key }) => key !== alert.key);
  const repeatedAtMs = state.open.length === 0 ? nowMs : state.repeatedAtMs;
  return withChanged({ ...state, repeatedAtMs, open: [...others, raised] }, raised, nowMs);
}

function resolve(
  state: NotifyState,
  { keys, atMs }: Extract<AlertNews, { kind: 'resolve' }>,
  nowMs: number,
): NotifyState {
  const over = state.open.filter(({ key }) => keys.some((each) => isMeant(key, each)));
  const without: NotifyState = { ...state, open: state.open.filter((alert) => !over.includes(alert)) };
  return over.reduce((now, alert) => {
    return withChanged(now, { ...alert, resolvedAtMs: Math.max(atMs, alert.startedAtMs) }, nowMs);
  }, without);
}

/** `release/` means every alert of releases. */
const isMeant = (key: string, named: string): boolean =>
  /^[a-z]+\/$/.test(named) ? key.startsWith(named) : key === named;

function withChanged(state: NotifyState, alert: Alert, nowMs: number): NotifyState {
  const standing = state.groups.find(({ family }) => family === alert.family);
  const before = standing?.changed ?? [];
  const group: AlertGroup = {
    family: alert.family,
    changed: [...before.filter(({ key }) => key !== alert.key), alert],
    sinceMs: before.length === 0 ? nowMs : (standing?.sinceMs ?? nowMs),
    sentAtMs: standing?.sentAtMs ?? null,
  };
  return { ...state, groups: [...state.groups.filter((each) => each !== standing), group] };
}

/** Makes messages of the groups that are due, one for each target. Without a target nothing is kept. */
export function formMessages(
  state: NotifyState,
  scope: { readonly service: string; readonly environment: string },
  targets: { readonly all: readonly string[]; readonly forgetful: readonly string[] },
  nowMs: number,
): NotifyState {
  const known = withoutGone(state, targets.all);
  const grouped = known.groups
    .filter((group) => isDue(group, nowMs))
    .reduce((now, group) => {
      const sent = { ...group, changed: [], sentAtMs: nowMs };
      const groups = now.groups.map((each) => (each === group ? sent : each));
      return address({ ...now, groups }, scope, group.changed, targets.all, nowMs);
    }, known);
  return isWithin(grouped.repeatedAtMs, repeatEveryMs, nowMs)
    ? grouped
    : address({ ...grouped, repeatedAtMs: nowMs }, scope, grouped.open, targets.forgetful, nowMs);
}

function withoutGone(state: NotifyState, targets: readonly string[]): NotifyState {
  const deliveries = state.deliveries.filter(({ target }) => targets.includes(target));
  return deliveries.length === state.deliveries.length ? state : { ...state, deliveries };
}

function isDue({ changed, sinceMs, sentAtMs }: AlertGroup, nowMs: number): boolean {
  if (changed.length === 0 || isWithin(sinceMs, gatherMs, nowMs)) return false;
  return sentAtMs === null || !isWithin(sentAtMs, groupEveryMs, nowMs);
}

/** A time in the future is none: a clock that was set back must not silence anybody. */
const isWithin = (atMs: number, spanMs: number, nowMs: number): boolean => atMs <= nowMs && nowMs - atMs < spanMs;

function address(
  state: NotifyState,
  { service, environment }: { readonly service: string; readonly environment: string },
  alerts: readonly Alert[],
  targets: readonly string[],
  nowMs: number,
): NotifyState {
  if (alerts.length === 0 || targets.length === 0) return state;
  const number = state.messages + 1;
  const message = { id: `${service}/${environment}/${number}`, service, environment, alerts, isTest: false };
  const added = targets.map((target) => ({ target, message, attempts: 0, beganAtMs: nowMs, nextAtMs: nowMs }));
  return dropOldest({ ...state, messages: number, deliveries: [...state.deliveries, ...added] });
}

function dropOldest(state: NotifyState): NotifyState {
  const kept = state.deliveries.filter(
    ({ target }, index, all) =>
      all.slice(index).filter((other) => other.target === target).length <= deliveriesPerTarget,
  );
  return { ...state, deliveries: kept, dropped: state.dropped + state.deliveries.length - kept.length };
}

/** The oldest message of each target that is due; the next of a target waits for the one before. */
export function listDue(state: NotifyState, nowMs: number): readonly Delivery[] {
  const oldest = state.deliveries.filter(
    ({ target }, index, all) => all.findIndex((other) => other.target === target) === index,
  );
  return oldest.filter(({ nextAtMs, beganAtMs }) => nextAtMs <= nowMs || beganAtMs > nowMs);
}

/** What is remembered after a message was sent, or was not. One that fails for a day is given up. */
export function settleDelivery(state: NotifyState, sent: Delivery, isSent: boolean, nowMs: number): NotifyState {
  const isIt = (each: Delivery): boolean => each.target === sent.target && each.message.id === sent.message.id;
  const others = state.deliveries.filter((each) => !isIt(each));
  if (others.length === state.deliveries.length) return state;
  if (isSent) return { ...state, deliveries: others };
  if (nowMs - sent.beganAtMs >= giveUpMs) return { ...state, deliveries: others, dropped: state.dropped + 1 };
  const delayMs = retryDelaysMs[sent.attempts] ?? retryAtMostMs;
  const again = { ...sent, attempts: sent.attempts + 1, nextAtMs: nowMs + delayMs };
  return { ...state, deliveries: state.deliveries.map((each) => (isIt(each) ? again : each)) };
}

/** A message that its target refused for good is not tried again; it counts as dropped, which is told. */
export function giveUp(state: NotifyState, sent: Delivery): NotifyState {
  const settled = settleDelivery(state, sent, true, sent.beganAtMs);
  return settled === state ? state : { ...settled, dropped: settled.dropped + 1 };
}

/** A target that did not take its message for as long is told as a problem. */
export const troubleMs = 10 * 60_000;

export function listTroubled(state: NotifyState, nowMs: number): readonly Delivery[] {
  return state.deliveries.filter(
    ({ attempts, beganAtMs, target }, index, all) =>
      attempts > 0 && nowMs - beganAtMs >= troubleMs && all.findIndex((other) => other.target === target) === index,
  );
}
