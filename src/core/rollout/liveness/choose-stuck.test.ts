import { describe, expect, it } from 'vitest';
import { chooseStuck, type JudgedReplica } from './choose-stuck.ts';

const reaches = { controlPlaneReaches: true, gatewayReaches: true };
const silent = (replicaId: string, over: Partial<JudgedReplica> = {}): JudgedReplica => ({
  replicaId,
  liveness: { verdict: 'stuck', cause: 'silent', limitMs: 60_000, reason: 'nothing moved' },
  quietMs: 60_000,
  isEnding: false,
  isSilentToOthers: true,
  ...over,
});
const well = (replicaId: string): JudgedReplica => ({
  ...silent(replicaId),
  liveness: { verdict: 'idle' },
  isSilentToOthers: false,
});
const ids = (judged: readonly JudgedReplica[], around = reaches) =>
  chooseStuck(judged, around).stuck.map(({ replicaId }) => replicaId);

describe('chooseStuck', () => {
  it('ends each one that is stuck while another shows that the network carries', () => {
    const alone = { isSilentToOthers: false };
    const around = { controlPlaneReaches: false, gatewayReaches: false };
    expect(ids([silent('a', alone), silent('b', alone), well('c')], around)).toEqual(['a', 'b']);
  });

  it('ends one at a time where all seem stuck: the one that stood still for longest', () => {
    expect(ids([silent('a'), silent('b', { quietMs: 90_000 })])).toEqual(['b']);
    expect(ids([silent('a'), silent('b', { isEnding: true })])).toEqual([]);
  });

  it.each([
    ['no gateway gets no answer either', { isSilentToOthers: false }, reaches],
    ['the control plane reaches nothing else', {}, { ...reaches, controlPlaneReaches: false }],
    ['the gateway reaches nothing else', {}, { ...reaches, gatewayReaches: false }],
  ])('leaves the only replica alone where %s, and says why', (_what, over, around) => {
    const { stuck, withheld } = chooseStuck([silent('a', over)], around);
    expect(stuck).toEqual([]);
    expect(withheld.get('a')).toMatch(/gateway|network/);
  });

  it('ends the only one that answers its probe alone: the probe shows that the network carries', () => {
    const liveness = { verdict: 'stuck', cause: 'probe-only', limitMs: 1, reason: 'r' } as const;
    expect(ids([silent('a', { liveness, isSilentToOthers: false })])).toEqual(['a']);
  });

  it('ends nobody where nothing is stuck', () => {
    expect(chooseStuck([well('a')], reaches).stuck).toEqual([]);
    expect(chooseStuck([], reaches).stuck).toEqual([]);
  });
});
