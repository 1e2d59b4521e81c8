import { text } from 'node:stream/consumers';
import { afterEach, expect, it, vi } from 'vitest';
import { callWithoutHandles } from '../../testing/rigs/without-handles.ts';
import { startGuarded } from './guarded-program.ts';

afterEach(() => vi.unstubAllEnvs());

it('sees what the machine is like, and no credential of the command', async () => {
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  vi.stubEnv('PLIMSOLL_TOKEN', 'secret');
  vi.stubEnv('GITHUB_TOKEN', 'secret');
  vi.stubEnv('PYTHONPATH', '/opt/metrics');
  const program = startGuarded(process.execPath, ['-p', 'JSON.stringify(process.env)'], { cwd: process.cwd() });
  program.stdin.end();
  const seen = JSON.parse(await text(program.stdout)) as Readonly<Record<string, string>>;
  expect(Object.values(seen)).not.toContain('secret');
  expect(seen).toMatchObject({ PYTHONPATH: '/opt/metrics', PATH: process.env['PATH'] });
});

it('that cannot be started for want of file handles says so as an error, and ends nobody', () => {
  const told = callWithoutHandles(
    new URL('./guarded-program.ts', import.meta.url),
    `new Promise((resolve) => {
      const child = it.startGuarded(process.execPath, ['-e', '0'], { cwd: '/' });
      child.stdin.write('a row');
      child.stdout.on('data', () => undefined);
      child.once('error', ({ code }) => resolve(code));
    })`,
  );
  expect(told).toBe('EMFILE');
});
