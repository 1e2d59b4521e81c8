import { describe, expect, it } from 'vitest';
import {
  buildDemands,
  buildDevice,
  buildHardware,
  buildNode,
  buildPool,
} from '../../../testing/builders/pools/hardware-builders.ts';
import type { Preflight } from '../../pool/preflight/preflight.ts';
import type { HardwareSection } from '../../contract/contract.ts';
import type { Verdict } from '../../units/verdict.ts';
import { judgeEvery } from './judge-every.ts';
import { verifyPool } from './judge-pool.ts';

const day = 86_400_000;
const takenAtMs = 20_000 * day;
const preflight = (verdict: 'pass' | 'fail' | 'unknown', ageMs = 1_000): Preflight => ({
  takenAtMs: takenAtMs - ageMs,
  tookMs: 800,
  checks: [{ kind: 'peer', of: 'GPU 0 to GPU 1', verdict, reason: verdict === 'pass' ? null : 'other bytes arrived' }],
});
const cpu = { architecture: 'x64', model: 'a CPU', cores: 8, features: ['avx2'] } as const;

/** By both ways, which have to agree. */
function judge(hardware: Partial<HardwareSection>, given: Preflight | undefined): { verdict: Verdict; reason: string } {
  const node = buildNode('node-1', [buildDevice()], { cpu, ...(given === undefined ? {} : { preflight: given }) });
  const pool = buildPool([node], { takenAtMs });
  const demands = buildDemands({ hardware: buildHardware(hardware) });
  const judged = verifyPool(demands, pool);
  const [cell] = judgeEvery([demands], [pool]);
  expect(cell?.verdict).toBe(judged.verdict);
  return { verdict: judged.verdict, reason: judged.nodes[0]?.reason ?? '' };
}

describe.each(['nvidia', 'cpu'] as const)('hardware.preflight of a service on %s', (accelerator) => {
  it('is not asked of a node unless the contract does', () => {
    expect(judge({ accelerator }, undefined).verdict).toBe('pass');
    expect(judge({ accelerator }, preflight('fail')).verdict).toBe('pass');
  });

  it.each([
    ['passes with one in time', preflight('pass'), 'pass', /./],
    ['fails without one', undefined, 'fail', /there is none/],
    ['fails with an old one', preflight('pass', 2 * day), 'fail', /old, and hardware.preflight asks for/],
    ['fails where a check failed', preflight('fail'), 'fail', /other bytes arrived/],
    ['is unknown where a check is', preflight('unknown'), 'unknown', /other bytes arrived/],
  ] as const)('%s', (_name, given, verdict, reason) => {
    const judged = judge({ accelerator, preflightMaxAgeMs: day }, given);
    expect(judged.verdict).toBe(verdict);
    expect(judged.reason).toMatch(reason);
  });
});
