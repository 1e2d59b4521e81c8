import { beforeEach, describe, expect, it } from 'vitest';
import type { NotifyTarget } from '../../core/contract/notify-target.ts';
import type { HealthState } from '../../core/health/health.ts';
import type { AlertMessage } from '../../core/monitoring/notify/alert.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { Fence, Store, StoreWriter } from '../../ports/records/store.ts';
import { FakeClock, settled } from '../../testing/fakes/fake-clock.ts';
import { memoryStore } from '../../testing/fakes/memory/memory-store.ts';
import { Notifier, type NotifierParts } from './notifier.ts';

const scope = { service: 'digits', environment: 'prod' };
const slack: NotifyTarget = { kind: 'slack', address: 'https://slack.example/secret-path' };
const manager: NotifyTarget = { kind: 'alertmanager', address: 'http://am.example' };
const { signal } = new AbortController();

let clock: FakeClock;
let store: Store;
let fence: Fence;
let targets: readonly NotifyTarget[] | null;
let sent: { readonly kind: string; readonly message: AlertMessage }[];
let answer: (target: NotifyTarget, signal: AbortSignal) => Promise<void>;
let said: string[];
let health: HealthState;
let keptStore: (store: Store) => Store;
beforeEach(async () => {
  clock = new FakeClock();
  store = memoryStore();
  const lease = await store.leases.acquire({ lease: 'l', holder: 'tests', ttlMs: 1e12, nowMs: 0 });
  if (lease === null) throw new Error('the lease is free');
  [fence, targets, sent, said, health] = [lease, [slack, manager], [], [], 'healthy'];
  answer = async () => undefined;
  keptStore = (whole) => whole;
});

function notifier(more: Partial<NotifierParts> = {}): Notifier {
  const log = (problem: object, words: string): void => void said.push(`${words} ${JSON.stringify(problem)}`);
  return new Notifier({
    ...scope,
    store: keptStore(store),
    clock,
    log: { warn: log, error: log } as NotifierParts['log'],
    sender: {
      send: async (target, message, sending) => {
        sent.push({ kind: target.kind, message });
        await answer(target, sending);
      },
    },
    targets: async () => targets,
    fence: () => fence,
    health: () => ({ state: health, sentence: `It is ${health}.`, next: null }),
    ...more,
  });
}

const failRelease = (release = 4) =>
  store.transaction(fence, (tx) =>
    tx.appendEvent({
      ...scope,
      kind: 'release.failed',
      summary: `Release ${release} failed`,
      by: 'tests',
      atMs: clock.nowMs(),
      data: { release, live: 3, reason: 'late' },
    }),
  );

/** As turns do: a look each second, and what it started goes on meanwhile. */
async function turns(of: Notifier, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    await of.look(signal);
    await clock.advance(1_000);
  }
  await settled();
}
const kinds = (): readonly string[] => sent.map(({ kind }) => kind);
const down = (): Promise<never> =>
  Promise.reject(new PlimsollError({ code: 'notify-failed', category: 'unavailable', message: 'away', next: 'x' }));

describe('the notifier of a service', () => {
  it('sends what was recorded since it began to each target, once', async () => {
    await failRelease(1);
    const one = notifier();
    await turns(one, 2);
    await failRelease();
    await turns(one, 120);
    expect(kinds()).toEqual(['slack', 'alertmanager']);
    expect(sent[0]?.message.alerts.map(({ summary }) => summary)).toEqual(['Release 4 failed']);
    expect(await store.notifyState('digits', 'prod')).toMatchObject({ deliveries: [] });
  });

  it('writes nothing while nothing happens', async () => {
    let writes = 0;
    keptStore = (whole) => ({ ...whole, transaction: (...given) => ((writes += 1), whole.transaction(...given)) });
    const one = notifier();
    await turns(one, 30);
    expect(writes).toBe(1);
  });

  it('is held up by no target that hangs, and gives up on it after ten seconds', async () => {
    let given: AbortSignal | null = null;
    answer = (target, sending) => {
      if (target.kind === 'slack') return Promise.resolve();
      given = sending;
      return new Promise(() => undefined);
    };
    const one = notifier();
    await turns(one, 1);
    await failRelease();
    await turns(one, 7);
    expect(kinds()).toEqual(['slack', 'alertmanager']);
    await turns(one, 9);
    expect((given as AbortSignal | null)?.aborted).toBe(true);
    expect(said).toEqual([expect.stringMatching(/did not answer within 10 s|could not be sent/)]);
    await turns(one, 7);
    expect(kinds()).toEqual(['slack', 'alertmanager', 'alertmanager']);
  });

  it('sends again with the same id to a server that fails twice, and to that one alone', async () => {
    let failures = 2;
    answer = async (target) => {
      if (target.kind === 'slack' && (failures -= 1) >= 0) await down();
    };
    const one = notifier();
    await turns(one, 1);
    await failRelease();
    await turns(one, 60);
    expect(kinds()).toEqual(['slack', 'alertmanager', 'slack', 'slack']);
    expect(new Set(sent.map(({ message }) => message.id)).size).toBe(1);
    expect(said).toHaveLength(1);
    expect(said.join()).not.toContain('secret-path');
  });

  it('tells of a target that has failed for ten minutes, until it takes its message', async () => {
    answer = (target) => (target.kind === 'slack' ? down() : Promise.resolve());
    const one = notifier();
    await turns(one, 1);
    await failRelease();
    await turns(one, 300);
    expect(one.problems()).toEqual([]);
    await turns(one, 330);
    expect(one.problems()).toEqual([expect.stringMatching(/^alerts do not reach slack slack\.example \(5 attempts\)/)]);
    answer = async () => undefined;
    await turns(one, 1_000);
    expect(one.problems()).toEqual([]);
  });

  it('keeps what it has to tell while nobody knows to whom', async () => {
    targets = null;
    const one = notifier();
    await turns(one, 1);
    await failRelease();
    await turns(one, 60);
    expect(sent).toEqual([]);
    targets = [slack];
    await turns(one, 5);
    expect(kinds()).toEqual(['slack']);
  });

  it('tells of bad health after a minute of it, and when it is over', async () => {
    const one = notifier();
    await turns(one, 1);
    health = 'failing';
    await turns(one, 50);
    health = 'healthy';
    await turns(one, 70);
    expect(sent).toEqual([]);
    health = 'failing';
    await turns(one, 70);
    health = 'unknown';
    await turns(one, 100);
    health = 'healthy';
    await turns(one, 120);
    const told = sent
      .filter(({ kind }) => kind === 'slack')
      .map(({ message }) => message.alerts[0]?.resolvedAtMs === null);
    expect(told).toEqual([true, false]);
    expect(said).toEqual([]);
  });

  it('tells a store that is away once, and goes on when it is back', async () => {
    let isAway = false;
    keptStore = (whole) => ({
      ...whole,
      transaction: (...given) => (isAway ? Promise.reject(new Error('away')) : whole.transaction(...given)),
    });
    const one = notifier();
    await turns(one, 1);
    await failRelease();
    isAway = true;
    await turns(one, 30);
    expect([sent, said.length]).toEqual([[], 1]);
    isAway = false;
    await turns(one, 10);
    expect(kinds()).toEqual(['slack', 'alertmanager']);
  });

  it('sends nothing once the lease is lost', async () => {
    const one = notifier();
    await turns(one, 1);
    await failRelease();
    fence = { ...fence, token: fence.token + 1 };
    await turns(one, 30);
    expect(sent).toEqual([]);
  });
});

describe('a kill', () => {
  /** Dies at the n-th thing that it does to the outside: nothing of it happens from then on. */
  function dying(after: number): Notifier {
    let left = after;
    const never = new Promise<never>(() => undefined);
    const alive = (): boolean => (left -= 1) >= 0;
    const whole = store;
    keptStore = () => ({
      ...whole,
      events: (query) => (alive() ? whole.events(query) : never),
      transaction: async <T>(given: Fence, work: (tx: StoreWriter) => Promise<T>): Promise<T> => {
        if (!alive()) return never;
        const result = await whole.transaction(given, work);
        return alive() ? result : never;
      },
    });
    const dead = notifier({
      sender: {
        send: async (target, message) => {
          if (!alive()) return never;
          sent.push({ kind: target.kind, message });
          return alive() ? undefined : never;
        },
      },
    });
    keptStore = (kept) => kept;
    return dead;
  }

  it.each(Array.from({ length: 24 }, (_, index) => index))(
    'after %i steps loses no alert and repeats none more than once, with the same id',
    async (steps) => {
      await turns(notifier(), 1);
      await failRelease();
      const dead = dying(steps);
      for (let second = 0; second < 12; second += 1) {
        void dead.look(signal);
        await clock.advance(1_000);
      }
      await turns(notifier(), 90);
      for (const kind of ['slack', 'alertmanager']) {
        const ids = sent.filter((each) => each.kind === kind).map(({ message }) => message.id);
        expect(ids.length).toBeGreaterThanOrEqual(1);
        expect(ids.length).toBeLessThanOrEqual(2);
        expect(new Set(ids).size).toBe(1);
      }
    },
  );
});

describe('a test message', () => {
  it('goes to each target, marked, and says what became of it', async () => {
    answer = (target) => (target.kind === 'slack' ? down() : Promise.resolve());
    const one = notifier();
    expect(await one.test()).toEqual([
      { target: 'slack slack.example', isSent: false, problem: 'away', next: 'x' },
      { target: 'alertmanager am.example', isSent: true, problem: null, next: null },
    ]);
    expect(sent.map(({ message }) => [message.isTest, message.alerts[0]?.name])).toEqual([
      [true, 'PlimsollTest'],
      [true, 'PlimsollTest'],
    ]);
    await turns(one, 60);
    expect(sent).toHaveLength(2);
  });

  it('is not sent where nobody knows to whom', async () => {
    targets = null;
    await expect(notifier().test()).rejects.toMatchObject({ code: 'notify-targets-unknown' });
  });
});
