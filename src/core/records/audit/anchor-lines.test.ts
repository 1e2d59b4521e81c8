import { expect, it } from 'vitest';
import { formatAnchor, parseAnchors } from './anchor-lines.ts';

const anchor = (seq: number) => ({ seq, hash: `sha256:${'0f'.repeat(32)}` as const, atMs: 1_764_400_000_000 });
const line = formatAnchor(anchor(12));

it('leaves out what a full disk left of an anchor, wherever it was cut', () => {
  for (let cut = 1; cut < line.length; cut += 1) {
    const { anchors, wrong } = parseAnchors(`${line}\n${line.slice(0, cut)}\n${formatAnchor(anchor(13))}\n`);
    expect([cut, anchors.map(({ seq }) => seq), wrong]).toEqual([cut, [12, 13], []]);
  }
});

it.each([
  'sha256:00 12',
  `12 sha256:${'0F'.repeat(32)} 2025-11-29T00:00:00.000Z`,
  '12 sha256:00 2025',
  `12 sha256:${'0f'.repeat(32)} 2025-11-29T00:00:00.000Z more`,
  `12 sha256:${'0f'.repeat(32)} yesterday`,
  'x',
])('calls %s wrong: it is the beginning of no anchor', (other) => {
  expect(parseAnchors(`${line}\n${other}\n`).wrong).toEqual([2]);
});
