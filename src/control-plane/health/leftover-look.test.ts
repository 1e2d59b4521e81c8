import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { UndoneLeftover } from '../../prove/diagnosis/undo-leftovers.ts';
import { makeLeftoverLook } from './leftover-look.ts';

const kept: UndoneLeftover = { key: 'process-7.json', outcome: 'kept', text: 'cpu.max is max and not 20000' };
const restored: UndoneLeftover = { key: 'process-8.json', outcome: 'restored', text: 'the cores are 0 again' };

function world(found: readonly (readonly UndoneLeftover[])[]) {
  const logged: string[] = [];
  let [nowMs, looks] = [0, 0];
  const look = makeLeftoverLook({
    clock: { monotonicMs: () => nowMs },
    log: { info: (_, text) => void logged.push(`info ${text}`), warn: (_, text) => void logged.push(`warn ${text}`) },
    undoLeftovers: () => Promise.resolve(found[looks++] ?? []),
  });
  return {
    logged,
    looks: () => looks,
    lookAt: async (atMs: number) => {
      nowMs = atMs;
      look();
      await turn();
    },
  };
}

it('looks at once and every minute, and tells what is kept only once', async () => {
  const { logged, looks, lookAt } = world([[kept, restored], [kept], [], [kept]]);
  await lookAt(0);
  await lookAt(1_000);
  expect(looks()).toBe(1);
  expect(logged).toEqual(['warn cpu.max is max and not 20000', 'info the cores are 0 again']);
  await lookAt(60_000);
  expect(logged).toHaveLength(2);
  await lookAt(120_000);
  // Undone meanwhile, and there again: that is news.
  await lookAt(180_000);
  expect(logged).toHaveLength(3);
});

it('does nothing where replicas run elsewhere, and begins no second look while one is under way', async () => {
  makeLeftoverLook({ clock: { monotonicMs: () => 0 }, log: { info: () => undefined, warn: () => undefined } })();
  let [nowMs, looks] = [0, 0];
  const look = makeLeftoverLook({
    clock: { monotonicMs: () => nowMs },
    log: { info: () => undefined, warn: () => undefined },
    undoLeftovers: () => {
      looks += 1;
      return new Promise(() => undefined);
    },
  });
  look();
  nowMs = 600_000;
  look();
  await turn();
  expect(looks).toBe(1);
});
