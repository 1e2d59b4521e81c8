import { describe, expect, it } from 'vitest';
import type { OnAlarm } from '../../contract/contract.ts';
import type { Cause, NamedCause, TriageAnswer } from '../triage/answer.ts';
import { decideRemedy, rollBackWithinMs, type RemedyState } from './decide-remedy.ts';

const causeOf = (cause: Cause): NamedCause => ({
  ...{ cause, replicas: cause === 'node' ? ['r-3'] : [], evidence: ['golden replays fail'] },
  remedy: { what: '', command: '' },
});
const named = (...causes: readonly Cause[]): TriageAnswer => ({
  verdict: 'named',
  causes: causes.map(causeOf),
  signs: [],
});
const abstains: TriageAnswer = { verdict: 'abstains', why: 'nothing is known', decides: [], signs: [] };

const onsetMs = 100_000_000;
function state(action: OnAlarm['action'], answer: TriageAnswer, over: Partial<RemedyState> = {}): RemedyState {
  return {
    onAlarm: { action, atMostOncePerMs: 3_600_000 },
    answer,
    onsetMs,
    lastActedAtMs: null,
    live: { release: 5, sinceMs: onsetMs - 1_000, isRollback: false },
    isMoving: false,
    back: {
      code: { to: 4, isProven: true, undoesLive: true },
      model: { to: 3, isProven: true, undoesLive: true },
    },
    nowMs: onsetMs + 60_000,
    ...over,
  };
}

describe('what the watch does by itself', () => {
  it.each([
    ['notify', named('node'), { act: 'none' }],
    ['isolate', abstains, { act: 'none' }],
    ['isolate', { verdict: 'nothing', signs: [] }, { act: 'none' }],
    ['isolate', named('node', 'data'), { act: 'none' }],
    ['isolate', named('data'), { act: 'none' }],
    ['isolate', named('runtime'), { act: 'none' }],
    ['isolate', named('node'), { act: 'isolate', replicas: ['r-3'] }],
    ['roll-back', abstains, { act: 'none' }],
    ['roll-back', named('node'), { act: 'none' }],
    ['roll-back', named('data'), { act: 'none' }],
    ['roll-back', named('artifact'), { act: 'none' }],
    ['roll-back', named('routing'), { act: 'none' }],
    ['roll-back', named('runtime', 'data'), { act: 'none' }],
    ['roll-back', named('runtime'), { act: 'roll-back', axis: 'code', to: 4 }],
    ['roll-back', named('concept'), { act: 'roll-back', axis: 'model', to: 3 }],
  ] as const)('%s, case %#', (action, answer, expected) => {
    expect(decideRemedy(state(action, answer))).toMatchObject(expected);
  });

  it.each([
    ['it acted lately', { lastActedAtMs: onsetMs }, 'the watch acted 60 s ago'],
    ['the clock was set back', { lastActedAtMs: onsetMs + 999_999_999 }, 'the watch acted 0 s ago'],
  ])('nothing where %s', (_why, over, because) => {
    for (const [action, cause] of [
      ['isolate', 'node'],
      ['roll-back', 'runtime'],
    ] as const) {
      const decision = decideRemedy(state(action, named(cause), over));
      expect(decision).toMatchObject({ act: 'nothing' });
      expect(decision.act === 'nothing' ? decision.because : '').toContain('at most once per 1h');
      expect(decision.act === 'nothing' ? decision.because : '').toContain(because.slice(0, 15));
    }
  });

  it('acts again once that time has passed', () => {
    const lastActedAtMs = onsetMs + 60_000 - 3_600_000;
    expect(decideRemedy(state('isolate', named('node'), { lastActedAtMs }))).toMatchObject({ act: 'isolate' });
  });

  it.each([
    ['nothing is live', { live: null }],
    ['a release is on its way in', { isMoving: true }],
    ['is a rollback itself', { live: { release: 5, sinceMs: onsetMs - 1, isRollback: true } }],
    ['may have gone live after', { live: { release: 5, sinceMs: onsetMs + 1, isRollback: false } }],
    ['over a day before', { live: { release: 5, sinceMs: onsetMs - rollBackWithinMs - 1, isRollback: false } }],
    ['no way back', { back: { code: { refusal: 'no way back' }, model: { refusal: 'no way back' } } }],
    ['had the same code', { back: both({ to: 4, isProven: true, undoesLive: false }) }],
    ['never carried traffic', { back: both({ to: 4, isProven: false, undoesLive: true }) }],
  ] as const)('does not roll back where %s', (why, over) => {
    const decision = decideRemedy(state('roll-back', named('runtime'), over));
    expect(decision).toEqual({ act: 'nothing', because: expect.stringContaining(why) as unknown });
  });
});

function both(way: { readonly to: number; readonly isProven: boolean; readonly undoesLive: boolean }) {
  return { code: way, model: way };
}
