import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { openProject } from './open-project.ts';

const noRecords = (): Promise<never> => Promise.reject(new Error('no store is asked'));

it('a state folder that is named needs no contract, and what asks for the contract misses it', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-open-'));
  try {
    const project = await openProject({ state: 'records' }, folder, noRecords);
    expect(project.stateFolder).toBe(path.join(folder, 'records'));
    expect(JSON.stringify(await project.lock())).not.toContain('sha256');
    await expect(project.contract()).rejects.toMatchObject({ code: 'contract-missing' });
    await expect(openProject({}, folder, noRecords)).rejects.toMatchObject({ code: 'contract-missing' });
  } finally {
    await rm(folder, { recursive: true });
  }
});
