import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ColdStartReport } from '../../src/cli/coldstart/coldstart-report.ts';

const root = path.dirname(path.dirname(import.meta.dirname));

/** Whole starts of replicas, as `plimsoll coldstart` measures them, from memory and from the disk. */
export function wholeStarts(folder: string, modelFolder: string, starts: number): ColdStartReport {
  const contract = [
    'apiVersion: plimsoll.dev/v1',
    'service: generated',
    'code: { command: [plimsoll, serve-model] }',
    'model: { name: generated, version: candidate }',
    '',
  ].join('\n');
  writeFileSync(path.join(folder, 'plimsoll.yaml'), contract);
  run(folder, 'model', 'add', modelFolder, '--name', 'generated', '--alias', 'candidate');
  run(folder, 'pin');
  const words = ['coldstart', '--all-tiers', '--starts', String(starts), '--timeout', '10m', '--json'];
  return JSON.parse(run(folder, ...words)) as ColdStartReport;
}

/** Exit status 3 is expected: without a budget nothing is judged. */
function run(folder: string, ...words: readonly string[]): string {
  const program = path.join(root, 'src', 'bin', 'plimsoll.ts');
  const args = ['--disable-warning=ExperimentalWarning', program, ...words];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  if (status !== 0 && status !== 3) throw new Error(`plimsoll ${words.join(' ')} ended with ${status}: ${stderr}`);
  return stdout;
}
