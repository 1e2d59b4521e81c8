import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import path from 'node:path';
import { repositoryFolder } from './command-line-file.ts';

/**
 * Builds the page in `folder` when its built form is absent or came from other sources. The digest of the sources lies
 * in the built form, so that whoever builds it anew or removes it keeps the two in step. True when it was built.
 */
export async function buildPage(folder: string, signal: AbortSignal): Promise<boolean> {
  const sources = digestOfPageSources(folder);
  const mark = path.join(folder, 'dist', 'sources.sha256');
  const built = existsSync(path.join(folder, 'dist', 'index.html'));
  if (built && existsSync(mark) && readFileSync(mark, 'utf8').trim() === sources) return false;
  await runVite(folder, signal);
  writeFileSync(mark, `${sources}\n`);
  return true;
}

function digestOfPageSources(folder: string): string {
  const hash = createHash('sha256');
  const names = globSync(['*.*', '{src,public}/**/*.*'], { cwd: folder }).filter((name) => !name.includes('.test.'));
  for (const name of names.sort()) {
    hash.update(`${name}\0`);
    hash.update(readFileSync(path.join(folder, name))).update('\0');
  }
  return hash.digest('hex');
}

async function runVite(folder: string, signal: AbortSignal): Promise<void> {
  const vite = path.join(repositoryFolder, 'node_modules', 'vite', 'bin', 'vite.js');
  const child = spawn(process.execPath, [vite, 'build', folder, '--logLevel', 'error'], {
    cwd: repositoryFolder,
    stdio: ['ignore', 'ignore', 'pipe'],
    signal,
  });
  const [complaint, status] = await Promise.all([
    text(child.stderr),
    new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('exit', resolve);
    }),
  ]);
  if (status === 0) return;
  throw new Error(`the page could not be built from ${folder}:\n${complaint.split('\n').slice(0, 20).join('\n')}`);
}
