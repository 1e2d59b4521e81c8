import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { expect, it } from 'vitest';

const program = path.join(import.meta.dirname, 'plimsoll.ts');
const keepsOpen = 'data:text/javascript,setInterval(()=>undefined,1000)';

it.each([
  ['control-plane', []],
  ['gateway', []],
])('%s ends with its status also where something is left open', { timeout: 60_000 }, async (name, words) => {
  const child = spawn(process.execPath, ['--import', keepsOpen, program, name, ...words], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const [status] = (await once(child, 'close')) as [number | null];
  expect([status, said]).toEqual([2, expect.stringContaining('next: plimsoll')]);
});
