import { describe, expect, it } from 'vitest';
import { keyDocs } from '../../core/contract-keys/keys.ts';
import { runCommandLine } from '../../testing/rigs/command-line.ts';

describe('plimsoll explain', () => {
  it('prints meaning, form with unit, default and example', async () => {
    const { exit, out } = await runCommandLine(['explain', 'rollout.keepPrevious']);
    expect(exit).toBe(0);
    expect(out).toBe(
      [
        'rollout.keepPrevious',
        '  How long the replicas of the previous release stay loaded after all traffic left them, so that a rollback is a routing change.',
        '',
        '  value    a duration such as `1h`; `0s` keeps none',
        '  default  1h',
        '  example  keepPrevious: 1h',
        '',
      ].join('\n'),
    );
  });

  it('says which tier, quantile, limit or scope a key speaks of', async () => {
    expect((await runCommandLine(['explain', 'coldStart.from'])).out).toContain('Tier');
    expect((await runCommandLine(['explain', 'coldStart.p90'])).out).toContain('quantile');
    expect((await runCommandLine(['explain', 'evaluation.gates.atLeast'])).out).toContain('one-sided');
    expect((await runCommandLine(['explain', 'cost.budget'])).out).toContain('Per environment');
  });

  it('lists what is below a section', async () => {
    expect((await runCommandLine(['explain', 'scaling'])).out).toContain('scaling.signal');
  });

  it('answers a typo with the nearest key', async () => {
    const { exit, err } = await runCommandLine(['explain', 'scaling.signl']);
    expect(exit).toBe(2);
    expect(err).toContain('did you mean `scaling.signal`?');
    expect(err).toContain('next: plimsoll explain scaling.signal');
  });

  it('lists all keys without one, and as JSON for programs', async () => {
    const { out } = await runCommandLine(['explain']);
    expect(out.trimEnd().split('\n')).toHaveLength(keyDocs.length);
    expect(JSON.parse((await runCommandLine(['explain', '--json'])).out)).toEqual(keyDocs);
  });
});
