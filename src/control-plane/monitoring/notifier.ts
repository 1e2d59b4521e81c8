import { controlPlaneSteps } from '../../core/units/next-steps/control-plane-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { NotifyTarget } from '../../core/contract/notify-target.ts';
import type { FastifyBaseLogger } from 'fastify';
import { keyOfTarget, nameTarget, type AlertMessage } from '../../core/monitoring/notify/alert.ts';
import { readHealthNews, type SaidHealth } from '../../core/monitoring/notify/alert-news.ts';
import {
  beginNotifying,
  formMessages,
  listDue,
  listTroubled,
  giveUp,
  settleDelivery,
  takeEvents,
  takeNews,
  type Delivery,
  type NotifyState,
} from '../../core/monitoring/notify/notify-state.ts';
import { asPlimsollError, PlimsollError } from '../../core/units/errors.ts';
import type { AlertSender, TestedTarget } from '../../ports/monitoring/alert-sender.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { Fence, Store } from '../../ports/records/store.ts';

export interface NotifierParts {
  readonly service: string;
  readonly environment: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Pick<FastifyBaseLogger, 'warn' | 'error'>;
  readonly sender: AlertSender;
  /** Of the contract of the live release; null where it is not known now. */
  targets(): Promise<readonly NotifyTarget[] | null>;
  fence(): Fence;
  /** Null before it was looked at. */
  health(): SaidHealth | null;
}

const sendWithinMs = 10_000;
const eventsAtOnce = 1_000;

/**
 * Tells people of the alerts of one service. What has to be sent is recorded before it is sent, and forgotten after: a kill
 * at any moment loses none, and the one message that was on its way may come once more, with the same id.
 */
export class Notifier {
  readonly #parts: NotifierParts;
  #state: NotifyState | null = null;
  /** What the store has, but for the event that was looked at last. */
  #recorded = '';
  #targets: readonly NotifyTarget[] = [];
  #looking = false;
  /** Changes of the state, one after another. */
  #turn: Promise<unknown> = Promise.resolve();
  readonly #sending = new Map<string, Promise<void>>();
  readonly #failing = new Set<string>();

  constructor(parts: NotifierParts) {
    this.#parts = parts;
  }

  /** Looks at what was recorded since the last look, and begins to send what is due. Waits for no target. */
  async look(signal: AbortSignal): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      const state = await this.#change((before) => this.#advance(before));
      this.#failing.delete('store');
      for (const due of listDue(state, this.#parts.clock.nowMs())) this.#begin(due, signal);
    } catch (thrown) {
      if (!signal.aborted) this.#tellOnce('store', thrown, 'alerts could not be looked at; the next turn looks again');
    } finally {
      this.#looking = false;
    }
  }

  async #advance(before: NotifyState): Promise<NotifyState> {
    const { service, environment, store, clock } = this.#parts;
    const nowMs = clock.nowMs();
    const events = await store.events({ service, environment, afterSeq: before.afterSeq, limit: eventsAtOnce });
    const told = this.#withHealth(takeEvents(before, events, nowMs), nowMs);
    const isIdle = told.open.length === 0 && told.deliveries.length === 0 && told.groups.every(isEmpty);
    if (isIdle) return told;
    const targets = await this.#parts.targets();
    if (targets === null) return told;
    this.#targets = targets;
    const forgetful = targets.filter(({ kind }) => kind === 'alertmanager').map(keyOfTarget);
    return formMessages(told, { service, environment }, { all: targets.map(keyOfTarget), forgetful }, nowMs);
  }

  #withHealth(state: NotifyState, nowMs: number): NotifyState {
    const health = this.#parts.health();
    if (health === null) return state;
    const { hold, news } = readHealthNews(state.health, this.#parts, health, nowMs);
    const held = { ...state, health: hold };
    return news === null ? held : takeNews(held, news, nowMs);
  }

  /** The new state is what goes on only once it is recorded. */
  #change(decide: (before: NotifyState) => NotifyState | Promise<NotifyState>): Promise<NotifyState> {
    const changed = this.#turn.then(async () => {
      const before = this.#state ?? (await this.#read());
      const next = await decide(before);
      await this.#record(next);
      if (next.dropped > before.dropped) {
        this.#parts.log.error({ dropped: next.dropped - before.dropped }, 'alerts were given up: nobody took them');
      }
      this.#state = next;
      return next;
    });
    this.#turn = changed.catch(() => undefined);
    return changed;
  }

  async #read(): Promise<NotifyState> {
    const { service, environment, store, clock } = this.#parts;
    const stored = await store.notifyState(service, environment);
    if (stored !== null) {
      this.#recorded = formOf(stored);
      return stored;
    }
    const [newest] = await store.events({ service, environment, last: 1 });
    return beginNotifying(newest?.seq ?? 0, clock.nowMs());
  }

  /** Events that change nothing are not worth a write: after a kill they are looked at once more. */
  async #record(next: NotifyState): Promise<void> {
    const { service, environment, store } = this.#parts;
    const fence = this.#parts.fence();
    const form = formOf(next);
    if (form === this.#recorded) return;
    await store.transaction(fence, (tx) => tx.setNotifyState(service, environment, next));
    this.#recorded = form;
  }

  #begin(due: Delivery, signal: AbortSignal): void {
    const target = this.#targets.find((each) => keyOfTarget(each) === due.target);
    if (target === undefined || this.#sending.has(due.target)) return;
    const sending = this.#deliver(target, due, signal).finally(() => this.#sending.delete(due.target));
    this.#sending.set(due.target, sending);
  }

  async #deliver(target: NotifyTarget, due: Delivery, signal: AbortSignal): Promise<void> {
    const problem = await this.#send(target, due.message, signal);
    if (signal.aborted) return;
    const name = nameTarget(target);
    if (problem === null) this.#failing.delete(name);
    else this.#tellOnce(name, problem, 'an alert could not be sent; it is tried again');
    const settle = (state: NotifyState): NotifyState =>
      problem?.code === 'notify-rejected'
        ? giveUp(state, due)
        : settleDelivery(state, due, problem === null, this.#parts.clock.nowMs());
    await this.#change(settle).catch((thrown: unknown) => {
      // It is sent, whatever the store says: the next record tells.
      if (this.#state !== null) this.#state = settle(this.#state);
      if (!signal.aborted) this.#tellOnce('store', thrown, 'what became of an alert could not be recorded');
    });
  }

  /** Null where it was sent; else why not. */
  async #send(target: NotifyTarget, message: AlertMessage, signal: AbortSignal): Promise<PlimsollError | null> {
    const over = new AbortController();
    const ending = AbortSignal.any([signal, over.signal]);
    const late = this.#parts.clock.sleep(sendWithinMs, ending).then(() => {
      throw tooLate(target);
    });
    const sent = this.#parts.sender.send(target, message, ending);
    try {
      await Promise.race([sent, late]);
      return null;
    } catch (thrown) {
      return asPlimsollError(thrown);
    } finally {
      over.abort();
      await late.catch(() => undefined);
      sent.catch(() => undefined);
    }
  }

  #tellOnce(subject: string, thrown: unknown, said: string): void {
    if (this.#failing.has(subject)) return;
    this.#failing.add(subject);
    this.#parts.log.warn({ err: thrown, subject }, said);
  }

  /** Targets that have taken no message for ten minutes, in words. */
  problems(): readonly string[] {
    if (this.#state === null) return [];
    return listTroubled(this.#state, this.#parts.clock.nowMs()).map(({ target, attempts }) => {
      const known = this.#targets.find((each) => keyOfTarget(each) === target);
      const name = known === undefined ? target.split(' ', 1).join('') : nameTarget(known);
      return `alerts do not reach ${name} (${attempts} attempts); see why: plimsoll watch test-notify`;
    });
  }

  /** Sends a marked message to each target now, and says what became of it. Nothing of it is recorded or tried again. */
  async test(): Promise<readonly TestedTarget[]> {
    const { service, environment, clock } = this.#parts;
    const targets = await this.#parts.targets();
    if (targets === null) throw targetsUnknown(service);
    const nowMs = clock.nowMs();
    const summary = 'This is a test of `plimsoll watch test-notify`. Nothing happened.';
    const what = { family: 'health', key: 'test', name: 'PlimsollTest', severity: 'warning', next: null } as const;
    const alert = { service, environment, ...what, summary, startedAtMs: nowMs, resolvedAtMs: null };
    const message = {
      id: `${service}/${environment}/test-${nowMs}`,
      service,
      environment,
      alerts: [alert],
      isTest: true,
    };
    return Promise.all(
      targets.map(async (target) => {
        const problem = await this.#send(target, message, new AbortController().signal);
        const told = { target: nameTarget(target), isSent: problem === null };
        return { ...told, problem: problem?.message ?? null, next: problem?.next ?? null };
      }),
    );
  }

  /** Waits for what is being sent. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#sending.values());
    await this.#turn;
  }
}

const isEmpty = ({ changed }: NotifyState['groups'][number]): boolean => changed.length === 0;

const formOf = (state: NotifyState): string => JSON.stringify({ ...state, afterSeq: 0 });

const tooLate = (target: NotifyTarget): PlimsollError =>
  new PlimsollError({
    code: 'notify-failed',
    category: 'unavailable',
    message: `${nameTarget(target)} did not answer within ${sendWithinMs / 1_000} s`,
    next: nextStep(controlPlaneSteps, 'notify-failed'),
  });

const targetsUnknown = (service: string): PlimsollError =>
  new PlimsollError({
    code: 'notify-targets-unknown',
    category: 'unavailable',
    message: `nobody knows where the alerts of ${service} go: its release does not say, or its bundle cannot be read`,
    next: nextStep(controlPlaneSteps, 'notify-targets-unknown'),
  });
