import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { controlPlaneFile } from '../../../adapters/http-control/run-files.ts';
import { makeProcessIdentity } from '../../../adapters/processes/process-table/process-identity.ts';
import { refuseSecondStore } from './second-store.ts';

describe('a store that is not there', () => {
  let stateFolder = '';
  beforeEach(async () => {
    stateFolder = await mkdtemp(path.join(tmpdir(), 'plimsoll-second-store-'));
    await mkdir(path.join(stateFolder, 'run'));
  });
  afterEach(() => rm(stateFolder, { recursive: true }));
  const runFile = (identity: string) =>
    writeFile(
      controlPlaneFile(stateFolder),
      JSON.stringify({
        service: 'tiny',
        environment: 'default',
        address: 'http://127.0.0.1:7070',
        pid: process.pid,
        identity,
        plimsollVersion: '1',
      }),
    );

  it('is made where no control plane runs', async () => {
    await refuseSecondStore(stateFolder);
    await runFile(makeProcessIdentity().self().replace(/\d+$/, '1'));
    await refuseSecondStore(stateFolder);
    await writeFile(controlPlaneFile(stateFolder), 'not JSON');
    await refuseSecondStore(stateFolder);
  });

  it('is not made beside a control plane that runs', async () => {
    await runFile(makeProcessIdentity().self());
    await expect(refuseSecondStore(stateFolder)).rejects.toMatchObject({ code: 'store-gone', category: 'unavailable' });
    await writeFile(path.join(stateFolder, 'store.sqlite'), '');
    await refuseSecondStore(stateFolder);
  });
});
