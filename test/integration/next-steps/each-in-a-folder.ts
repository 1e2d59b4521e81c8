import { afterAll, beforeAll, describe, it } from 'vitest';
import { follow, type StepCase } from './follow-suggestions.ts';
import { Grounds } from './ground.ts';

/** Tests each case in a folder of its own, which is made of what the case begins with. */
export function testEachInAFolder(cases: readonly StepCase[]): void {
  const grounds = new Grounds();
  beforeAll(async () => grounds.make());
  afterAll(() => {
    grounds.remove();
  });

  describe('what is printed next leads to the command that was typed', () => {
    it.each(cases.map((one) => [one.type, one] as const))('%s', async (_, one) => {
      const project = grounds.open(one.from ?? 'recorded');
      try {
        await follow(one, { project });
      } finally {
        await project.stop();
        project.remove();
      }
    });
  });
}
