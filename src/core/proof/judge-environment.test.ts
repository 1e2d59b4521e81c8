import { describe, expect, it } from 'vitest';
import { loadContract, wholeContract } from '../../testing/builders/contract-texts.ts';
import { buildEvidence, buildLockedEnvironment, digest } from '../../testing/builders/evidence-builders.ts';
import { judgeEnvironment } from './judge-environment.ts';

/** What is said of golden evidence that was measured at 1,000 s, where the judge's clock is at `nowMs`. */
function reasonsAt(nowMs: number, goldenFile: ReturnType<typeof digest> | null): readonly string[] {
  const measured = {
    'golden-set': digest('golden data'),
    code: digest('code'),
    model: digest('model'),
    runtime: digest('runtime'),
    'device-classes': digest('classes'),
  };
  const states = judgeEnvironment({
    loaded: loadContract(wholeContract),
    locked: buildLockedEnvironment({ evidence: { golden: buildEvidence('golden', measured) } }),
    ...{ environment: 'staging', nowMs, goldenFile, waivers: [], invalidations: [] },
    ...{ codeDigest: digest('code'), pricesDigest: null, ruleTables: null, deviceClasses: null },
  });
  return states.find(({ kind }) => kind === 'golden')?.reasons.filter((each) => each.startsWith('golden/')) ?? [];
}

describe('golden outputs that are not what was recorded', () => {
  it.each([
    ['after', 2_000_000],
    ['before, by a clock that is behind', 999_000],
  ])('end the evidence where the judge looks %s it was measured', (_when, nowMs) => {
    expect(reasonsAt(nowMs, digest('golden blob'))).toEqual([]);
    expect(reasonsAt(nowMs, null)).toEqual([expect.stringMatching(/ is missing$/)]);
    expect(reasonsAt(nowMs, digest('edited'))).toEqual([expect.stringMatching(/ is sha256:.*, recorded was sha256:/)]);
  });
});
