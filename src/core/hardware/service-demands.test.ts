import { describe, expect, it } from 'vitest';
import { imageOf } from '../../testing/hardware-cases/case-row.ts';
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

describe('the image of a contract that writes variables', () => {
  const facts = imageOf({ env: { VLLM_USE_V1: '1', CUDA_VERSION: '12.4' } });
  const envOf = (env: string): Readonly<Record<string, string>> | undefined => {
    const text = minimalContract.replace(
      'command: [plimsoll, serve-model]',
      `image: registry.example/digits:1, env: ${env}`,
    );
    const { contract } = loadContract(`${text.trimEnd()}\nhardware: { accelerator: nvidia }\n`);
    const locked = buildLockedEnvironment();
    return demandsOf(contract, 'default', { ...locked, code: { digest: facts.digest, files: {}, facts } }).image?.env;
  };

  it('has them in the place of its own', () => {
    expect(envOf("{ VLLM_USE_V1: '0', FLASHINFER_DISABLE_VERSION_CHECK: '1' }")).toEqual({
      CUDA_VERSION: '12.4',
      FLASHINFER_DISABLE_VERSION_CHECK: '1',
      VLLM_USE_V1: '0',
    });
  });

  it('keeps its own where the contract writes none of hardware', () => {
    expect(envOf('{ LOG_LEVEL: info }')).toEqual({ VLLM_USE_V1: '1', CUDA_VERSION: '12.4' });
  });

  it('is none where nobody inspected it', () => {
    const { contract } = loadContract(`${minimalContract.trimEnd()}\nhardware: { accelerator: nvidia }\n`);
    expect(demandsOf(contract, 'default', buildLockedEnvironment()).image).toBeNull();
  });
});
