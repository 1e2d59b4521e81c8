import { spawn } from 'node:child_process';
import { expect, test } from 'vitest';
import { ownWords } from '../../../src/testing/rigs/own-program.ts';

test('a command whose reader goes away ends without a word about it', async () => {
  const [node = '', ...words] = ownWords;
  const child = spawn(node, [...words, 'explain'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let told = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (told += text));
  child.stdout.destroy();
  const status = await new Promise((resolve) => child.on('close', resolve));
  expect({ status, told }).toEqual({ status: 0, told: '' });
});
