import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { prepareData } from './data/prepare.ts';
import { readRows } from './data/rows.ts';
import { digitsPicture } from './picture.ts';

test('the committed picture is what the golden set looks like', async () => {
  const { files } = await prepareData(() => undefined);
  const committed = readFileSync(path.join(import.meta.dirname, 'digits.svg'), 'utf8');
  expect(digitsPicture(readRows(files['digits-golden'].path), 2) === committed).toBe(true);
});

test('neighbours of one grey are one stroke, and a stroke ends with its row', () => {
  const pixels = Array.from({ length: 784 }, () => 0);
  pixels[26] = pixels[27] = pixels[28] = 1;
  expect(digitsPicture([{ label: 0, pixels }], 1)).toContain('<path opacity="1" d="M26 0.5h2M0 1.5h1"/>');
});
