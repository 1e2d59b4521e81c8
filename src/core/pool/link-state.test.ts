import { describe, expect, it } from 'vitest';
import { linkStateOf } from './link-state.ts';

const full = { generation: 5, maxGeneration: 5, width: 16, maxWidth: 16 };

describe('the state of a PCIe link', () => {
  it.each([
    ['eight lanes of sixteen', { ...full, width: 8 }, ['gpu_idle'], 'narrow'],
    ['an old generation of a busy board', { ...full, generation: 3 }, [], 'slow'],
    ['an old generation of an idle board', { ...full, generation: 1 }, ['gpu_idle'], undefined],
    ['an old generation, and nobody knows whether it is idle', { ...full, generation: 1 }, null, undefined],
    ['all lanes of the newest generation', full, [], undefined],
    ['lanes that nobody read', { ...full, width: null }, [], undefined],
    ['a generation that nobody read', { ...full, maxGeneration: null, generation: 3 }, [], undefined],
    ['no link', null, [], undefined],
  ] as const)('%s', (_name, link, reasons, state) => {
    expect(linkStateOf(link, reasons)).toBe(state);
  });
});
