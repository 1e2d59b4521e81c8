import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requireHost, requireRows } from '../../../../testing/hardware-cases/require-cases.ts';
import { branchesNamed, checkRequirements, requireCheckers, requirementsOf } from './require-string.ts';

describe('the require string', () => {
  it.each(requireRows.map((row) => [row.name, row] as const))('%s', (_name, { env, host, legacy, go2022, go2026 }) => {
    const requirements = requirementsOf(env);
    const answers = requireCheckers.map(
      (checker) => checkRequirements(requirements, checker, { ...requireHost, ...host }).answer,
    );
    expect(answers).toEqual([legacy, go2022, go2026]);
  });

  it('names the condition that does not hold', () => {
    const requirements = requirementsOf({ NVIDIA_REQUIRE_CUDA: 'cuda>=13.0 arch>=9.0' });
    expect(checkRequirements(requirements, 'legacy', requireHost)).toEqual({ answer: 'no', condition: 'arch >= 9.0' });
    expect(checkRequirements(requirements, 'go-2026', requireHost)).toEqual({ answer: 'no', condition: 'cuda>=13.0' });
  });

  it('names the driver branches of its alternatives', () => {
    const text =
      'cuda>=12.9 brand=tesla,driver>=570,driver<571 brand=grid,driver>=535,driver<536 driver>=550 driver>=560,driver<570';
    expect(branchesNamed(text)).toEqual([535, 570]);
  });

  it('never throws, whatever is written, and answers the same twice', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'cudariverhb=<>!,. 0123456789') }), (text) => {
        const requirements = requirementsOf({ NVIDIA_REQUIRE_CUDA: text });
        for (const checker of requireCheckers) {
          const answer = checkRequirements(requirements, checker, requireHost);
          expect(['yes', 'no', 'error']).toContain(answer.answer);
          expect(checkRequirements(requirements, checker, requireHost)).toEqual(answer);
        }
      }),
    );
  });
});
