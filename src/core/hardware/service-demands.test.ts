import { expect, it } from 'vitest';
import { loadContract, minimalContract } from '../../testing/builders/contract-texts.ts';
import { buildLockedEnvironment } from '../../testing/builders/evidence-builders.ts';
import { demandsOf } from './service-demands.ts';

/** `demandsOf` of a contract whose hardware section and platform are these. */
function mountedBy(hardware: string, platform: string): number | undefined {
  const code = platform === 'local' ? 'command: [plimsoll, serve-model]' : 'image: registry.example/digits:1';
  const text = minimalContract.replace('command: [plimsoll, serve-model]', code).trimEnd();
  const { contract } = loadContract(
    `${text}\nhardware: { accelerator: nvidia, ${hardware} }\nenvironments: { prod: { pool: p, platform: ${platform} } }\n`,
  );
  return demandsOf(contract, 'prod', buildLockedEnvironment()).mountedShmBytes;
}

it.each([
  ['devices: 4', 'kubernetes', 2 ** 32],
  ['devices: 4, host: { shmSize: 512MiB }', 'kubernetes', 2 ** 29],
  // What is written there is memory of the replica, so that there is no more than its limit.
  ['devices: 4, host: { memory: 2GiB }', 'kubernetes', 2 ** 31],
  ['devices: 1', 'kubernetes', undefined],
  ['devices: 4, host: { shmSize: 512MiB }', 'local', undefined],
])('a replica with `%s` on %s finds %s bytes at /dev/shm that its platform mounted', (hardware, platform, bytes) => {
  expect(mountedBy(hardware, platform)).toBe(bytes);
});
