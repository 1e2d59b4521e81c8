import { describe, expect, it } from 'vitest';
import { SelfMovingClock } from '../../testing/fakes/self-moving-clock.ts';
import type { RemovalAnswer } from '../../schemas/http/release/http-release.ts';
import { runServiceRemove, type RemoveContext } from './service-remove.ts';

/** A control plane that holds `services`, of which one leaves in as many looks as there are answers. */
function contextOf(services: readonly (readonly [string, string])[], answers: readonly RemovalAnswer['state'][] = []) {
  const asked: object[] = [];
  const notes: string[] = [];
  const context = {
    clock: new SelfMovingClock(),
    signal: new AbortController().signal,
    terminal: { interactive: false, note: (text: string) => void notes.push(text), ask: async () => 'digits' },
    fleet: async () => ({ services: services.map(([service, environment]) => ({ service, environment })) }),
    fleetOperations: async () => ({
      removeService: async (request: object) => {
        const state = answers[asked.length] ?? 'removed';
        asked.push(request);
        return { ...request, state, replicas: state === 'removed' ? 0 : 2 };
      },
    }),
    hasContract: async () => false,
  };
  return { context: context as unknown as RemoveContext, terminal: context.terminal, asked, notes };
}

const run = ({ context }: { context: RemoveContext }, options: object, name = 'digits') =>
  runServiceRemove(context, { path: ['remove'], args: [name], options: { wait: true, ...options }, json: false });

describe('plimsoll service remove', () => {
  it('removes the only service of that name, and waits until its last replica has stopped', async () => {
    const rig = contextOf(
      [
        ['digits', 'prod'],
        ['chat', 'prod'],
      ],
      ['leaving', 'leaving', 'removed'],
    );
    const result = await run(rig, { yes: true, reason: ' old ' });
    expect(result).toMatchObject({ exit: 0, json: { state: 'removed' } });
    expect(rig.asked).toEqual(Array(3).fill({ service: 'digits', environment: 'prod', reason: 'old' }));
    expect(rig.notes).toHaveLength(1);
  });

  it('says every 5 s what is left and how long it waits at most, and ends with status 3', async () => {
    const rig = contextOf([['digits', 'prod']], Array(1_000).fill('leaving'));
    const result = await run(rig, { yes: true });
    expect(result).toMatchObject({ exit: 3, json: { state: 'leaving' } });
    expect(rig.notes.slice(1, 3)).toEqual([
      '  digits leaves: 2 replicas left; waited 2s, at most 1m 58s more',
      '  digits leaves: 2 replicas left; waited 7s, at most 1m 53s more',
    ]);
    expect(rig.notes).toHaveLength(25);
  });

  it('does not wait where nobody asks it to', async () => {
    const rig = contextOf([['digits', 'prod']], ['leaving', 'removed']);
    const result = await run(rig, { yes: true, wait: false });
    expect(result).toMatchObject({ exit: 0, json: { state: 'leaving' } });
    expect(result.text).toContain('2 replicas left');
  });

  it.each([
    [
      'two environments',
      [
        ['digits', 'prod'],
        ['digits', 'staging'],
      ],
      'service-unnamed',
    ],
    ['another service', [['chat', 'prod']], 'service-unknown'],
  ] as const)('names what is there: %s', async (_, services, code) => {
    await expect(run(contextOf(services), { yes: true })).rejects.toMatchObject({ code });
  });

  it('asks for the name at a terminal, and does nothing without an answer', async () => {
    const rig = contextOf([
      ['digits', 'prod'],
      ['chat', 'prod'],
    ]);
    await expect(run(rig, {})).rejects.toMatchObject({ code: 'not-confirmed', next: expect.stringContaining('--yes') });
    rig.terminal.interactive = true;
    await expect(run(rig, {}, 'chat')).rejects.toMatchObject({ code: 'not-confirmed' });
    expect(rig.asked).toEqual([]);
    expect(await run(rig, {})).toMatchObject({ exit: 0 });
  });
});
