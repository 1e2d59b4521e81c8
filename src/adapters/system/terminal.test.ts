import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const module = path.join(import.meta.dirname, 'terminal.ts');
const script = `const { processTerminal: t } = await import(${JSON.stringify(module)}); console.log(JSON.stringify([t.colour, t.interactive]));`;

describe('a terminal that is none', () => {
  // CI systems set CI, which colour libraries take as leave to colour what is written to a file.
  it.each([{ CI: 'true' }, { FORCE_COLOR: '1' }, {}])('has no colour and asks nothing with %j', (env) => {
    const out = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    expect(out).toBe('[false,false]\n');
  });
});
