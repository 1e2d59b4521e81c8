import { expect, it } from 'vitest';
import { findWarmPoolProblem } from './warm-pool-place.ts';

it.each([
  [0, { recorded: 'kubernetes', contract: null }, null],
  [2, { recorded: 'local', contract: { platform: 'kubernetes' } }, null],
  [2, { recorded: undefined, contract: { platform: 'local' } }, null],
  [2, { recorded: 'kubernetes', contract: { platform: 'local' } }, 'replicas run on Kubernetes'],
  [2, { recorded: undefined, contract: { platform: 'kubernetes' } }, 'replicas run on Kubernetes'],
  [2, { recorded: undefined, contract: null }, 'it is unknown whether its platform keeps spares'],
] as const)('of a warm pool of %j at %j is %j', (warmPool, place, problem) => {
  const found = findWarmPoolProblem('prod', warmPool, place);
  if (problem === null) expect(found).toBeNull();
  else expect(found).toContain(problem);
});
