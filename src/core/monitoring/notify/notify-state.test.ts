import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StoredEvent } from '../../records/event.ts';
import { readEvent } from '../../records/event.ts';
import { readHealthNews, type HealthHold } from './alert-news.ts';
import { describeAlert, nameTarget } from './alert.ts';
import {
  beginNotifying,
  deliveriesPerTarget,
  formMessages,
  listDue,
  listTroubled,
  settleDelivery,
  takeEvents,
  takeNews,
  type NotifyState,
} from './notify-state.ts';

const scope = { service: 'digits', environment: 'prod' };
const targets = { all: ['slack a', 'webhook b'], forgetful: [] };
const startMs = 1_700_000_000_000;
const began = beginNotifying(10, startMs);

function event(seq: number, kind: string, data: Record<string, unknown> = {}, atMs = startMs): StoredEvent {
  return readEvent({ ...scope, seq, kind, data, summary: `${kind} ${seq}`, by: 'watch', atMs }) as StoredEvent;
}
const failed = (seq: number): StoredEvent => event(seq, 'release.failed', { release: 4, live: 3, reason: 'late' });
const live = (seq: number): StoredEvent => event(seq, 'release.live', { release: 5 });
const drift = (seq: number, name: string): StoredEvent => event(seq, 'drift.alarm', { what: 'feature', name });
const at = (state: NotifyState, ms: number): NotifyState => formMessages(state, scope, targets, startMs + ms);
const take = (state: NotifyState, events: readonly StoredEvent[], ms = 0): NotifyState =>
  takeEvents(state, events, startMs + ms);
const sent = (state: NotifyState): readonly string[] =>
  state.deliveries
    .filter(({ target }) => target === 'slack a')
    .map(({ message }) =>
      message.alerts.map((each) => `${each.key}${each.resolvedAtMs === null ? '' : ' over'}`).join(', '),
    );

describe('the alerts of a service', () => {
  it('tells that live data left what was evaluated, until somebody or another reference settles it', () => {
    const left = event(11, 'drift.left-reference', { release: 5, reason: 'far', features: ['x'] });
    const raised = at(take(began, [left]), 5_000);
    expect(sent(raised)).toEqual(['drift/distance/distance']);
    const said = (what: string | null) =>
      event(12, 'drift.acknowledged', { what, name: what, reason: 'known', newReference: false });
    for (const what of ['distance', null]) {
      expect(sent(at(take(raised, [said(what)], 6_000), 90_000))).toContain('drift/distance/distance over');
    }
    expect(sent(at(take(raised, [live(12)], 6_000), 90_000))).toEqual(['drift/distance/distance']);
  });

  it('go out together after five seconds, once to each target', () => {
    const raised = take(began, [drift(11, 'amount'), drift(12, 'hour')]);
    expect(sent(at(raised, 4_999))).toEqual([]);
    const formed = at(raised, 5_000);
    expect(sent(formed)).toEqual(['drift/feature/amount, drift/feature/hour']);
    expect(formed.deliveries.map(({ target }) => target)).toEqual(['slack a', 'webhook b']);
    expect(sent(at(formed, 6_000))).toEqual(sent(formed));
  });

  it('are one message of a family in a minute', () => {
    const first = at(take(began, [drift(11, 'amount')]), 5_000);
    const more = take(first, [drift(12, 'hour'), failed(13)], 6_000);
    expect(sent(at(more, 11_000))).toEqual(['drift/feature/amount', 'release/failed']);
    expect(sent(at(at(more, 11_000), 65_000))).toEqual([
      'drift/feature/amount',
      'release/failed',
      'drift/feature/hour',
    ]);
  });

  it('are told again neither by the same event nor by the same thing', () => {
    const formed = at(take(began, [drift(11, 'amount')]), 5_000);
    expect(take(formed, [drift(11, 'amount'), drift(12, 'amount')], 6_000)).toEqual({ ...formed, afterSeq: 12 });
    expect(take(formed, [drift(9, 'old')])).toBe(formed);
  });

  it('are resolved by name, or by the next release that is live', () => {
    const raised = at(take(began, [drift(11, 'a'), drift(12, 'ab'), failed(13)]), 5_000);
    const over = take(raised, [event(14, 'drift.acknowledged', { what: 'feature', name: 'a' }), live(15)], 70_000);
    expect(sent(at(over, 75_000)).slice(2)).toEqual(['drift/feature/a over', 'release/failed over']);
    expect(over.open.map(({ key }) => key)).toEqual(['drift/feature/ab']);
    expect(take(over, [event(16, 'drift.acknowledged', { what: null, name: null })], 71_000).open).toEqual([]);
  });

  it('are told once where they were over before anybody was told', () => {
    expect(sent(at(take(began, [failed(11), live(12)]), 5_000))).toEqual(['release/failed over']);
  });

  it('are sent again to a target that forgets them while they stand', () => {
    const forgetful = { all: targets.all, forgetful: ['webhook b'] };
    const formed = formMessages(take(began, [drift(11, 'a')]), scope, forgetful, startMs + 5_000);
    const again = formMessages(formed, scope, forgetful, startMs + 20 * 60_000);
    expect(again.deliveries.slice(2).map(({ target }) => target)).toEqual(['webhook b']);
  });

  it.each<[string, Record<string, unknown>, string | null]>([
    ['release.created', { cause: { kind: 'rollback', axis: 'model' } }, 'release/rolled-back'],
    ['release.created', { cause: { kind: 'rollback', drill: true } }, null],
    ['release.created', { cause: { kind: 'release' } }, null],
    ['release.created', {}, null],
    ['start.budget-broken', {}, 'start/budget'],
    ['start.departed', { reason: 'r' }, 'start/departed'],
    ['capacity.departed', { reason: 'r' }, 'scaling/capacity'],
    ['scaling.trust-lost', { release: 1 }, 'scaling/trust'],
    ['cost.broken', { what: 'utilization' }, 'cost/utilization'],
    ['cost.broken', {}, 'cost/budget'],
    ['replica.diverged', { replicaId: 'r-1' }, 'replica/r-1'],
    ['drift.alarm', {}, 'drift/alarm/alarm'],
    ['drift.alarm', { name: 7 }, 'drift/alarm/alarm'],
    ['routing.changed', {}, null],
    ['of.another-version', {}, null],
  ])('%s %j raises %s', (kind, data, key) => {
    expect(take(began, [event(11, kind, data)]).open.map((alert) => alert.key)).toEqual(key === null ? [] : [key]);
  });

  it('of a replica that diverged are over once it agrees, and not once drift is acknowledged', () => {
    const open = take(began, [event(11, 'replica.diverged', { replicaId: 'r-1' })]);
    const settled = take(open, [event(12, 'drift.acknowledged', { what: null, name: null })]);
    expect(settled.open.map(({ key }) => key)).toEqual(['replica/r-1']);
    expect(take(settled, [event(13, 'replica.agrees', { replicaId: 'r-1' })]).open).toEqual([]);
  });

  it('of cost are over once the same part holds, and not with the next release', () => {
    const open = take(began, [event(11, 'cost.broken', { what: 'budget', remedy: 'lower `scaling.warmPool`' })]);
    expect(open.open).toMatchObject([{ name: 'PlimsollBudgetBroken', next: 'lower `scaling.warmPool`' }]);
    const other = take(open, [live(12), event(13, 'cost.holds', { what: 'utilization' })]);
    expect(other.open.map(({ key }) => key)).toEqual(['cost/budget']);
    expect(take(other, [event(14, 'cost.holds', { what: 'budget' })]).open).toEqual([]);
  });

  it('of lost trust are over when it is back, and of departed capacity with the next release', () => {
    const open = take(began, [event(11, 'scaling.trust-lost', {}), event(12, 'capacity.departed', { reason: 'r' })]);
    const back = take(open, [event(13, 'scaling.trust-back', {})]);
    expect(back.open.map(({ key }) => key)).toEqual(['scaling/capacity']);
    expect(take(back, [live(14)]).open).toEqual([]);
  });

  it('name the target without the path of its address', () => {
    expect(nameTarget({ kind: 'slack', address: 'https://hooks.slack.com/services/T0/secret' })).toBe(
      'slack hooks.slack.com',
    );
    expect(nameTarget({ kind: 'slack', address: 'secret/slack#url' })).toBe('slack secret/slack#url');
    const [alert] = take(began, [failed(11)]).open;
    expect(alert === undefined ? '' : describeAlert(alert)).toBe(
      'Firing: digits in prod: release.failed 11 Next: see why: `plimsoll history --kind release`',
    );
  });
});

describe('a message', () => {
  const formed = at(take(began, [drift(11, 'a')]), 5_000);
  const [first] = formed.deliveries;
  if (first === undefined) throw new Error('there is one');
  const fail = (state: NotifyState, ms: number): NotifyState =>
    listDue(state, startMs + ms)
      .filter(({ target }) => target === 'slack a')
      .reduce((now, each) => settleDelivery(now, each, false, startMs + ms), state);

  it('that was sent is gone, and only this one', () => {
    const after = settleDelivery(formed, first, true, startMs);
    expect(after.deliveries.map(({ target }) => target)).toEqual(['webhook b']);
    expect(settleDelivery(after, first, true, startMs)).toBe(after);
  });

  it('that failed is tried after 5 s, 15 s, 1 min, 5 min, 15 min and then each hour, and given up after a day', () => {
    const tries: number[] = [];
    let state = formed;
    for (let ms = 5_000; ms <= 26 * 3_600_000; ms += 5_000) {
      const next = fail(state, ms);
      if (next !== state) tries.push(ms / 1_000);
      state = next;
    }
    expect(tries.slice(0, 7)).toEqual([5, 10, 25, 85, 385, 1_285, 4_885]);
    expect(tries).toHaveLength(7 + 23);
    expect([state.deliveries.map(({ target }) => target), state.dropped]).toEqual([['webhook b'], 1]);
  });

  it('that fails holds up the next to its target alone, and is a problem after ten minutes', () => {
    const later = at(take(fail(formed, 5_000), [failed(12)], 5_000), 10_000);
    expect(listDue(later, startMs + 9_999).map(({ target }) => target)).toEqual(['webhook b']);
    expect(listTroubled(later, startMs + 600_000)).toEqual([]);
    expect(listTroubled(later, startMs + 605_000).map(({ target }) => target)).toEqual(['slack a']);
  });

  it('is dropped where its target is no longer named, and the oldest where too many wait', () => {
    expect(formMessages(formed, scope, { all: ['slack a'], forgetful: [] }, startMs + 5_000).deliveries).toHaveLength(
      1,
    );
    let state = began;
    for (let minute = 1; minute <= 60; minute += 1) {
      state = at(take(state, [drift(10 + minute, `f${minute}`)], minute * 60_000 - 5_000), minute * 60_000);
    }
    expect(sent(state)).toHaveLength(deliveriesPerTarget);
    expect([sent(state)[0], state.dropped]).toEqual(['drift/feature/f11', 20]);
  });

  it('waits for no clock that was set back', () => {
    const back = at(take(formed, [drift(12, 'b')], -3_600_000), -3_600_000);
    expect(sent(at(back, -3_595_000))).toEqual(['drift/feature/a', 'drift/feature/b']);
    expect(listDue(formed, startMs - 3_600_000)).toHaveLength(2);
  });
});

describe('the health of a service', () => {
  const follow = (states: readonly ('failing' | 'degraded' | 'healthy' | 'unknown')[]): readonly string[] => {
    let hold: HealthHold = { badSinceMs: null, goodSinceMs: null };
    let state = began;
    states.forEach((word, index) => {
      const nowMs = startMs + index * 30_000;
      const read = readHealthNews(hold, scope, { state: word, sentence: word, next: null }, nowMs);
      hold = read.hold;
      if (read.news !== null) state = takeNews(state, read.news, nowMs);
      state = formMessages(state, scope, targets, nowMs);
    });
    return sent(state);
  };

  it.each<[readonly ('failing' | 'degraded' | 'healthy' | 'unknown')[], readonly string[]]>([
    [['failing', 'failing', 'healthy', 'healthy'], []],
    [['failing', 'failing', 'failing', 'failing'], ['health']],
    [
      ['failing', 'failing', 'failing', 'healthy', 'healthy', 'healthy', 'healthy'],
      ['health', 'health over'],
    ],
    [['failing', 'failing', 'failing', 'unknown', 'unknown', 'unknown', 'unknown'], ['health']],
    [['failing', 'unknown', 'failing', 'failing'], []],
    [
      ['degraded', 'degraded', 'degraded', 'degraded', 'failing', 'failing', 'failing'],
      ['health', 'health'],
    ],
  ])('%j is told as %j', (states, messages) => {
    expect(follow(states)).toEqual(messages);
  });
});

it('whatever happens, what is remembered stays small, and each alert is told firing before it is told over', () => {
  const step = fc.oneof(
    fc.record({ does: fc.constant('raise'), name: fc.nat(300) }),
    fc.record({ does: fc.constantFrom('acknowledge', 'wait', 'send', 'fail'), name: fc.nat(5) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      let [state, ms] = [began, 0];
      const last = new Map<string, boolean>();
      steps.forEach(({ does, name }, index) => {
        ms += 20_000;
        if (does === 'raise') state = take(state, [drift(11 + index, `f${name}`)], ms);
        if (does === 'acknowledge')
          state = take(state, [event(11 + index, 'drift.acknowledged', { what: 'feature', name: `f${name}` })], ms);
        state = at(state, ms);
        if (does !== 'send' && does !== 'fail') return;
        for (const each of listDue(state, startMs + ms)) {
          state = settleDelivery(state, each, does === 'send', startMs + ms);
          if (each.target !== 'slack a' || does === 'fail') continue;
          for (const { key, resolvedAtMs } of each.message.alerts) {
            expect(last.get(key) ?? null).not.toBe(resolvedAtMs === null ? true : null);
            last.set(key, resolvedAtMs === null);
          }
        }
      });
      expect(state.open.length).toBeLessThanOrEqual(200);
      expect(state.deliveries.length).toBeLessThanOrEqual(2 * deliveriesPerTarget);
    }),
    { numRuns: 200, seed: 3 },
  );
});
