import { spawnSync } from 'node:child_process';
import { hostname } from 'node:os';
import type { ProcessTable } from './process-table.ts';

/**
 * For systems without /proc. Coarser, and says so: start times have whole seconds, so a process that took over a number
 * within the same second looks the same; environments are not visible, so a process that was started in the moment in
 * which the control plane was killed, before its number was recorded, is not found again.
 */
export function makePsTable(run: (args: readonly string[]) => string | null = ps): ProcessTable {
  const host = hostname().replaceAll(':', '_');
  return {
    precise: false,
    identity(pid) {
      const line = run(['-o', 'stat=', '-o', 'lstart=', '-p', String(pid)])?.trim() ?? '';
      const [state, ...started] = line.split(/\s+/);
      if (state === undefined || state === '' || state.startsWith('Z')) return null;
      const startS = Math.floor(Date.parse(started.join(' ')) / 1000);
      return Number.isNaN(startS) ? null : `${host}:unknown:${pid}:s${startS}`;
    },
    marks: () => null,
    marked: () => [],
    holders: () => [],
  };
}

function ps(args: readonly string[]): string | null {
  const answer = spawnSync('ps', [...args], { encoding: 'utf8', timeout: 5_000, env: { ...process.env, LC_ALL: 'C' } });
  return answer.status === 0 ? answer.stdout : null;
}
