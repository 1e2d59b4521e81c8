import { describe, expect, it } from 'vitest';
import { runCommandLine } from '../../testing/rigs/command-line.ts';
import { minimalContract } from '../../testing/builders/contract-texts.ts';
import { makeMemoryProject } from '../../testing/fakes/memory/memory-project.ts';

describe('plimsoll doctor', () => {
  it('fails from three gaps on, with each gap and the command that closes it', async () => {
    const project = makeMemoryProject({ contract: minimalContract });
    const { exit, out } = await runCommandLine(['doctor'], { project });
    expect(exit).toBe(1);
    expect(out).toContain('6 gaps: digits is carrying risk it cannot see');
    expect(out.match(/next: plimsoll /g)).toHaveLength(6);
  });

  it('answers one question by the contract alone', async () => {
    const project = makeMemoryProject({ contract: `${minimalContract}scaling: { replicas: { min: 1, max: 3 } }\n` });
    const { out } = await runCommandLine(['doctor', '--json'], { project });
    const { answers, gaps } = JSON.parse(out) as { answers: { question: string; answer: string }[]; gaps: number };
    expect(gaps).toBe(5);
    expect(answers.find(({ question }) => question === 'signal-not-cpu')?.answer).toBe('yes');
  });

  it.each([
    [
      { runAs: 'ada, the user of the control plane', areOwn: true },
      /^Replicas run as ada, .* Whoever may release can read/m,
    ],
    [
      { runAs: 'users 70000 to 70999, one for each service', areOwn: false },
      /^Replicas run as users 70000 to 70999, one for each service\.$/m,
    ],
  ])('says whose rights replicas have: %j', async (rights, says) => {
    const project = makeMemoryProject({ contract: minimalContract });
    const fleet = { plimsollVersion: '0.0.0', nowMs: 0, services: [], rights };
    expect((await runCommandLine(['doctor'], { project, fleet })).out).toMatch(says);
  });

  it('asks for an environment where there are several', async () => {
    const project = makeMemoryProject({ contract: `${minimalContract}environments: { a: {}, b: {} }\n` });
    expect(await runCommandLine(['doctor'], { project })).toMatchObject({ exit: 2 });
    expect(await runCommandLine(['doctor', '--environment', 'a'], { project })).toMatchObject({ exit: 1 });
  });
});
