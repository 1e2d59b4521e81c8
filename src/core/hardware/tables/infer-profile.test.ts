import { describe, expect, it } from 'vitest';
import { inferProfile } from './infer-profile.ts';

const a100 = '0x20B010DE';
const h100 = '0x233010DE';
const h200 = '0x233510DE';

describe('the profile of an instance by its memory and multiprocessors', () => {
  it.each([
    [a100, 19_968, 42, '3g.20gb'],
    [a100, 19_968, 56, '4g.20gb'],
    [a100, 19_968, null, null],
    [a100, 9_856, 28, '2g.10gb'],
    [a100, 9_856, 14, '1g.10gb'],
    [a100, 4_864, 14, null],
    [a100, 40_192, null, '7g.40gb'],
    [a100, 40_256, 98, '7g.40gb'],
    [a100, 40_257, 98, null],
    [a100, 19_968, 43, null],
    [a100, null, 42, null],
    [h100, 40_448, 60, '3g.40gb'],
    [h100, 40_448, 64, '4g.40gb'],
    [h100, 20_091, 26, '1g.20gb'],
    [h100, 20_091, 32, '2g.20gb'],
    [h100, 81_152, 132, '7g.80gb'],
    [h200, 141 * 1024, 132, '7g.141gb'],
    [h200, 71 * 1024, 60, null],
    ['0xFFFF10DE', 19_968, 42, null],
    [null, 19_968, 42, null],
  ] as const)('%s with %s MiB and %s', (board, mebibytes, multiprocessors, profile) => {
    expect(inferProfile(board, mebibytes === null ? null : mebibytes * 2 ** 20, multiprocessors)).toBe(profile);
  });
});
