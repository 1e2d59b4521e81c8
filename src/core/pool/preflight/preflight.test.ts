import { describe, expect, it } from 'vitest';
import { judgeLink } from './judge-link.ts';
import { ceilingOfLink } from './link-ceiling.ts';
import { findPreflightObjection } from './preflight-objection.ts';
import { judgePreflight, type Preflight, type PreflightCheck } from './preflight.ts';

const hour = 3_600_000;
const check = (changes: Partial<PreflightCheck> = {}): PreflightCheck => ({
  kind: 'memory',
  of: 'NUMA node 0',
  verdict: 'pass',
  reason: null,
  ...changes,
});
const link = { generation: 1, maxGeneration: 4, width: 8, maxWidth: 16 };

describe('a preflight', () => {
  it.each([
    [['pass', 'pass'], 'pass'],
    [['pass', 'unknown'], 'unknown'],
    [['unknown', 'fail'], 'fail'],
    [[], 'unknown'],
  ] as const)('of checks that %j is %s', (verdicts, expected) => {
    const checks = verdicts.map((verdict) => check({ verdict, reason: verdict === 'pass' ? null : 'why' }));
    expect(judgePreflight({ checks }).verdict).toBe(expected);
  });

  it('names five checks that decide, and counts the rest', () => {
    const checks = [1, 2, 3, 4, 5, 6, 7].map((at) => check({ of: `GPU ${at}`, verdict: 'fail', reason: 'why' }));
    const { reasons } = judgePreflight({ checks: [check({ verdict: 'unknown', reason: 'no' }), ...checks] });
    expect(reasons).toHaveLength(6);
    expect(reasons[0]).toBe('memory, GPU 1: why');
    expect(reasons[5]).toBe('and 2 more');
  });
});

describe('the ceiling of a link', () => {
  it.each([
    [{ ...link }, 31.5072e9],
    [{ ...link, maxGeneration: 3, maxWidth: 8 }, 7.8768e9],
    [{ ...link, maxGeneration: 5 }, 63.016e9],
    [{ ...link, maxGeneration: null }, null],
    [{ ...link, maxGeneration: 9 }, null],
    [{ ...link, maxWidth: 0 }, null],
    [null, null],
  ])('of %j is %s bytes in a second', (of, expected) => {
    const ceiling = ceilingOfLink(of);
    if (expected === null) expect(ceiling).toBeNull();
    else expect(ceiling).toBeCloseTo(expected, -3);
  });

  const copy = (kind: PreflightCheck['kind'], of: string, bytesPerSecond: number) =>
    check({ kind, of, bytesPerSecond });

  it('is reached by half from the near NUMA node, whatever the far one and pageable memory carry', () => {
    const checks = [
      copy('pageable-to-device', 'near', 1e9),
      copy('host-to-device', 'far', 3.78e9),
      copy('host-to-device', 'near', 24e9),
      copy('device-to-host', 'near', 25e9),
    ];
    expect(judgeLink(checks, link).map(({ verdict }) => verdict)).toEqual(['pass', 'pass', 'pass', 'pass']);
    expect(judgeLink(checks, link).map(({ ceilingBytesPerSecond }) => ceilingBytesPerSecond !== undefined)).toEqual([
      false,
      true,
      true,
      true,
    ]);
  });

  it('is not reached by a link that trained at generation 2: the fastest copy of a direction fails', () => {
    const judged = judgeLink(
      [copy('host-to-device', 'a', 6e9), copy('host-to-device', 'b', 6.5e9), copy('device-to-host', 'a', 16e9)],
      link,
    );
    expect(judged.map(({ verdict }) => verdict)).toEqual(['pass', 'fail', 'pass']);
    expect(judged[1]?.reason).toBe('the link carries 21% of what its generation and width allow, and 50% is expected');
  });

  it('judges nothing where the link is not known, or the copy failed', () => {
    const checks = [check({ kind: 'host-to-device', verdict: 'unknown', reason: 'why' })];
    expect(judgeLink(checks, null)).toEqual(checks);
    expect(judgeLink(checks, link)[0]?.verdict).toBe('unknown');
  });
});

describe('what hardware.preflight has against a node', () => {
  const now = 100 * hour;
  const preflight = (changes: Partial<Preflight> = {}): Preflight => ({
    takenAtMs: now - hour,
    tookMs: 900,
    checks: [check()],
    ...changes,
  });
  const find = (given: Preflight | undefined, unknown = {}) =>
    findPreflightObjection({ ...(given === undefined ? {} : { preflight: given }), unknown }, 24 * hour, now);

  it('is nothing where all passed in time', () => {
    expect(find(preflight())).toBeNull();
    expect(find(preflight({ takenAtMs: now - 24 * hour }))).toBeNull();
  });

  it.each([
    ['none', undefined, {}, 'fail', /there is none \(plimsoll probe --active/],
    [
      'one before a reboot',
      undefined,
      { preflight: 'before the machine was started' },
      'fail',
      /none: before the machine/,
    ],
    ['an old one', preflight({ takenAtMs: now - 25 * hour }), {}, 'fail', /1d.* old|25h old/],
    ['one of tomorrow', preflight({ takenAtMs: now + hour }), {}, 'unknown', /after its facts/],
    [
      'a failed one',
      preflight({ checks: [check({ verdict: 'fail', reason: 'why' })] }),
      {},
      'fail',
      /NUMA node 0: why/,
    ],
    ['an unknown one', preflight({ checks: [check({ verdict: 'unknown', reason: 'busy' })] }), {}, 'unknown', /busy/],
    ['an empty one', preflight({ checks: [] }), {}, 'unknown', /nothing was tried/],
  ] as const)('is said of %s', (_name, given, unknown, verdict, reason) => {
    expect(find(given, unknown)).toEqual({ verdict, reason: expect.stringMatching(reason) });
  });
});
