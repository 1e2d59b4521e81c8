import { describe, expect, it } from 'vitest';
import type { ShownAsk } from '../../core/rollout/release-ask.ts';
import { digestOf } from '../../core/units/digest.ts';
import type { ServiceView } from '../../schemas/view/view.ts';
import { painter } from '../terminal/paint.ts';
import { statusText } from './status.ts';

const nowMs = 100_000;
const ask: ShownAsk = {
  id: 'a1',
  state: 'requested',
  reason: 'it was not looked at yet',
  by: 'ci',
  atMs: nowMs - 3_000,
  changedAtMs: nowMs - 3_000,
  bundle: digestOf('bundle'),
  progress: null,
};
const empty: ServiceView = {
  service: 'digits',
  environment: 'prod',
  owner: null,
  plimsollVersion: '1',
  nowMs,
  gatewayUrl: null,
  model: '',
  signature: null,
  deployment: null,
  releases: [],
  asks: [],
  evidence: [],
  evidenceOf: null,
  readiness: [],
  replicas: [],
  gateways: [],
  bars: [],
  routingGeneration: 0,
};

const text = (more: Partial<ServiceView>, isWatched = true): string =>
  statusText({ ...empty, ...more }, 'here', painter(false), isWatched);

describe('plimsoll status of a request', () => {
  it('says who asked when, and that a control plane decides it', () => {
    const shown = text({ asks: [ask] });
    expect(shown).toMatch(
      /^request +A release is requested: it was not looked at yet\n +bundle \w{12}, by ci 3s ago$/m,
    );
    expect(shown).toMatch(/^release +none yet$/m);
    expect(text({ asks: [ask] }, false)).toMatch(/by ci 3s ago; next: plimsoll up$/m);
  });

  it('says how far its model is, also where nobody knows of how much', () => {
    const fetching = (totalBytes: number | null): ShownAsk => ({
      ...ask,
      state: 'fetching',
      reason: 'its model is fetched from s3://models/digits',
      progress: { doneBytes: 3 * 2 ** 29, totalBytes },
    });
    const said = 'its model is fetched from s3://models/digits';
    expect(text({ asks: [fetching(2 ** 32)] })).toContain(
      `The requested model is being fetched (1.5GiB of 4GiB): ${said}`,
    );
    expect(text({ asks: [fetching(null)] })).toContain(`is being fetched (1.5GiB): ${said}`);
  });

  it('that was refused says why and what comes next, until another one is open', () => {
    const refused: ShownAsk = { ...ask, id: 'a0', state: 'refused', reason: 'golden is stale', next: 'plimsoll pin' };
    const shown = text({ asks: [refused] });
    expect(shown).toMatch(/^request +The last request was refused: golden is stale\n.*; next: plimsoll pin$/m);
    expect(shown).toMatch(/^release +none yet; next: plimsoll release$/m);
    expect(text({ asks: [ask, refused] })).not.toContain('refused');
  });

  it('is not spoken of where there is none, or an older control plane does not tell', () => {
    const { asks: _, ...older } = empty;
    expect(text({})).not.toContain('request');
    expect(statusText(older, 'here', painter(false), true)).not.toContain('request');
  });
});

describe('the evidence in plimsoll status', () => {
  const evidence: ServiceView['evidence'] = [
    {
      kind: 'golden',
      freshness: 'unknown',
      verdict: 'unknown',
      reasons: ['the present runtime is not known: no replica reports'],
      renew: 'plimsoll golden record',
      available: true,
      measuredAtMs: nowMs - 5_000,
      subjects: [{ subject: 'golden-set', knownBy: 'claimed', measured: digestOf('set'), present: digestOf('set') }],
    },
  ];

  it('names the release that it is of, what is unknown and why, and what only the lock claims', () => {
    const shown = text({ evidence, evidenceOf: 3 });
    expect(shown).toContain('environment prod, evidence of release 3\n');
    expect(shown).toMatch(/golden +unknown +unknown +5s ago +the present runtime is not known: no replica reports/);
    expect(shown).toContain('\n  renew golden: plimsoll golden record\n  claimed by the lock: golden-set');
    expect(statusText({ ...empty, evidence }, 'here', painter(true), true)).toContain('\u001b[33munknown');
  });

  it('is not said to be asked for by nothing before the first release', () => {
    expect(text({})).toContain('environment prod\n  no release yet; plimsoll check judges a checkout');
    expect(text({ evidenceOf: 3 })).toContain('no evidence is asked for');
  });
});

it('asks the control plane that a service was released to from here, in place of saying that nothing was', () => {
  const shown = statusText(empty, 'here', painter(false), false, 'http://plimsoll.example:7070');
  expect(shown).toMatch(/^release +not known here: it was last released to http:\/\/plimsoll\.example:7070$/m);
  expect(shown).toMatch(/^ +next: plimsoll status --server http:\/\/plimsoll\.example:7070$/m);
  expect(shown).not.toMatch(/none yet|Not released/);
});
