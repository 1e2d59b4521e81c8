import { beforeEach, describe, expect, it } from 'vitest';
import type { SleepTarget } from '../../../core/rollout/sleep/sleep-stage.ts';
import { FakeClock, settled } from '../../../testing/fakes/fake-clock.ts';
import { findWakeQuantile } from './measured-wakes.ts';
import { SleepBook, type SleepTurn } from './sleep-book.ts';

const target = (replicaId: string): SleepTarget => ({
  ...{ replicaId, endpoint: 'http://127.0.0.1:1', protocol: 'openai', model: 'm', release: 1 },
});
const { signal } = new AbortController();
const nothing = { sleep: [], wake: [] };

/** A sleeper whose answers the test gives. */
class HeldSleeper {
  readonly calls: string[] = [];
  readonly #held = new Map<string, { resolve: (value: never) => void; reject: (why: Error) => void }>();

  isAsleep = (of: SleepTarget) => this.#hold<boolean>('isAsleep', of);
  sleep = (of: SleepTarget) => this.#hold<void>('sleep', of);
  wake = (of: SleepTarget) => this.#hold<void>('wake', of);

  async answer(call: string, value: unknown): Promise<void> {
    const held = this.#held.get(call);
    if (value instanceof Error) held?.reject(value);
    else held?.resolve(value as never);
    await settled();
  }

  #hold<T>(what: string, { replicaId }: SleepTarget): Promise<T> {
    const call = `${what} ${replicaId}`;
    this.calls.push(call);
    return new Promise<T>((resolve, reject) => {
      this.#held.set(call, { resolve: resolve as (value: never) => void, reject });
    });
  }
}

let clock: FakeClock;
let sleeper: HeldSleeper;
let book: SleepBook;
let changes: number;
beforeEach(() => {
  clock = new FakeClock();
  sleeper = new HeldSleeper();
  changes = 0;
  book = new SleepBook({ sleeper, clock, changed: () => (changes += 1) });
});

function turn(over: Partial<SleepTurn>): void {
  book.consider({ orders: nothing, unknown: [], present: new Set(['a', 'b']), serving: new Set(), ...over }, signal);
}
const stageOf = (id: string) => book.known().get(id)?.stage;

describe('SleepBook', () => {
  it('puts a replica to sleep once, however often it is ordered', async () => {
    const orders = { sleep: [target('a')], wake: [] };
    turn({ orders });
    turn({ orders });
    expect(sleeper.calls).toEqual(['sleep a']);
    expect(stageOf('a')).toBe('falling-asleep');
    await sleeper.answer('sleep a', undefined);
    expect(stageOf('a')).toBe('asleep');
    expect(changes).toBe(1);
  });

  it('measures a wake from its order until requests may go to the replica, and tells it once', async () => {
    turn({ orders: { sleep: [], wake: [target('a')] } });
    expect(stageOf('a')).toBe('waking');
    await clock.advance(2_000);
    await sleeper.answer('wake a', undefined);
    expect(stageOf('a')).toBe('awake');
    expect(book.wakeMs()).toBeNull();
    await clock.advance(500);
    turn({ serving: new Set(['a']) });
    expect(book.wakeMs()).toBe(2_500);
    const news = book.news();
    expect(news).toMatchObject([{ kind: 'replica.woken', data: { replicaId: 'a', tookMs: 2_500 } }]);
    // A turn that could not be recorded tells it again.
    expect(book.news()).toEqual(news);
    book.recorded(news);
    expect(book.news()).toEqual([]);
    expect(book.known().get('a')?.wakeOrderedAtMs).toBeUndefined();
  });

  it('holds a replica for stuck that refuses, and says why', async () => {
    turn({ orders: { sleep: [target('a')], wake: [target('b')] } });
    await sleeper.answer('sleep a', new Error('no sleep mode'));
    await sleeper.answer('wake b', new Error('out of memory'));
    expect([stageOf('a'), stageOf('b')]).toEqual(['stuck', 'stuck']);
    expect(book.news().map(({ summary }) => summary)).toEqual([
      'Replica a did not fall asleep and is stopped: no sleep mode',
      'Replica b did not wake and is stopped: out of memory',
    ]);
    turn({ serving: new Set(['b']) });
    expect(book.wakeMs()).toBeNull();
  });

  it('asks a replica that is not known until it answers, no more than once in a second', async () => {
    const unknown = [target('a')];
    turn({ unknown });
    await sleeper.answer('isAsleep a', new Error('no answer'));
    turn({ unknown });
    expect(sleeper.calls).toHaveLength(1);
    await clock.advance(1_000);
    turn({ unknown });
    expect(sleeper.calls).toHaveLength(2);
    await sleeper.answer('isAsleep a', true);
    expect(stageOf('a')).toBe('asleep');
  });

  it('forgets replicas that are gone', async () => {
    turn({ orders: { sleep: [target('a')], wake: [] } });
    turn({ present: new Set(['b']) });
    await sleeper.answer('sleep a', undefined);
    expect(book.known().size).toBe(0);
  });

  it('goes on from wakes that are on record', () => {
    book.resume([1_000, 3_000]);
    expect(book.wakeMs()).toBe(3_000);
  });
});

describe('findWakeQuantile', () => {
  it('is the 90% quantile, and unknown without a wake', () => {
    expect(findWakeQuantile([])).toBeNull();
    expect(findWakeQuantile([2_000, 1_000, 10_000, 3_000])).toBe(10_000);
    expect(findWakeQuantile(Array.from({ length: 20 }, (_, index) => (index + 1) * 100))).toBe(1_800);
  });
});
