import { describe, expect, it } from 'vitest';
import { classOf, demandsOf, type CaseRow } from '../../../testing/hardware-cases/case-row.ts';
import { judgeDevice } from './judge-device.ts';

const judge = (row: Pick<CaseRow, 'device'> & Partial<CaseRow>) => judgeDevice(demandsOf(row), classOf(row));
const said = (row: Pick<CaseRow, 'device'> & Partial<CaseRow>) =>
  judge(row).findings.map(({ rule, weight, message, fix }) => ({ rule, weight, message, fix }));
const a100 = 'A100-40 535.183.01 12.2';
const cut = (...profiles: readonly (readonly [string, number])[]) => ({
  sharing: 'mig' as const,
  migLayout: profiles.map(([profile, gib]) => ({ profile, memoryBytes: gib * 2 ** 30 })),
});

describe('what is said of a device', () => {
  it('names driver, CUDA and the package that would help', () => {
    expect(said({ device: a100, image: { cuda: '13.0' } })[0]).toEqual({
      rule: 'driver-too-old',
      weight: 'deciding',
      message:
        'driver 535.183.01 speaks CUDA 12.2, too old for CUDA 13.0 of the image (usr/local/cuda/lib64/libcudart.so): the image holds no cuda-compat package',
      fix: 'driver >= 580.65.06, or add cuda-compat-13-0 to the image',
    });
  });

  it('does not advise a package that does not cover the brand, or that the table does not have', () => {
    const fixOf = (device: string, cuda: string) => said({ device, image: { cuda } })[0]?.fix;
    expect(fixOf('RTX-4090 535.183.01 12.2', '13.0')).toBe('driver >= 580.65.06');
    expect(fixOf('A100-40 550.54.15 12.4', '13.0')).toBe('driver >= 580.65.06');
    expect(fixOf('A100-40 470.82.01 11.4', '12.4')).toBe('driver >= 525.60.13');
    expect(fixOf('T4 418.39 10.1', '10.2')).toBe('driver >= 440.33, or add cuda-compat-10-2 to the image');
    expect(fixOf('P100 390.116 9.1', '10.2')).toBe('driver >= 440.33');
    expect(fixOf('K80 340.29 6.0', '6.5')).toBe('a driver that speaks CUDA 6.5');
  });

  it('says why a package does not help', () => {
    const why = (device: string, image: CaseRow['image']) =>
      said({ device, ...(image === undefined ? {} : { image }) })[0]?.message ?? '';
    expect(why('RTX-4090 535.183.01 12.2', { cuda: '13.0', compat: '580.82.07' })).toMatch(
      /cuda-compat 13.0 does not cover every device of brand geforce, by the published table \(error 804 where it does not\)$/,
    );
    expect(why(a100, { cuda: '13.1', compat: '580.82.07' })).toMatch(
      /cuda-compat 13.0 in the image is older than its toolkit$/,
    );
    expect(why('A100-40 550.54.15 12.4', { cuda: '13.0', compat: '580.82.07' })).toMatch(
      /branch 550 is end-of-life, and the published table no longer says whether cuda-compat 13.0 runs on it$/,
    );
  });

  it('names the library that limits, what it holds, and how to build it', () => {
    const [first] = said({
      device: 'B200 580.95.05 13.0',
      image: { cuda: '13.0', libraries: { 'liba.so': 'sm_100', 'libb.so': 'sm_80 sm_90a compute_90a' } },
    });
    expect(first).toMatchObject({
      rule: 'kernels',
      message: 'no kernel for capability 10.0 in libb.so, which holds sm_80 sm_90a and compute_90a',
      fix: 'build with sm_100 kernels, or PTX for compute_100 or older',
    });
  });

  it('names the driver that compiles the PTX', () => {
    const [first] = said({ device: 'H100 525.85.12 12.0', image: { libraries: { 'libapp.so': 'sm_80 compute_80' } } });
    expect(first).toMatchObject({
      rule: 'kernels-ptx',
      message:
        'libapp.so has only PTX of CUDA 12.4 for capability 9.0, and driver 525.85.12 compiles PTX up to CUDA 12.0 (error 222)',
      fix: 'driver >= 550.54.14, or build with sm_90 kernels',
    });
  });

  it('says of a false refusal which condition refuses, and of a false pass that the failure comes later', () => {
    const refusal = said({
      device: 'H100 595.45.04 13.2',
      image: { cuda: '13.3', env: { NVIDIA_REQUIRE_CUDA: 'cuda>=13.3' } },
    });
    expect(refusal.find(({ rule }) => rule === 'require-false-refusal')?.message).toBe(
      'NVIDIA_REQUIRE_CUDA refuses this device (legacy, go-2022, go-2026), and the rules say minor-version: `cuda >= 13.3` does not hold',
    );
    const pass = said({
      device: 'V100 580.65.06 13.0',
      image: { cuda: '13.0', libraries: { 'libapp.so': 'sm_75' }, env: { NVIDIA_REQUIRE_CUDA: 'cuda>=13.0' } },
    });
    expect(pass.map(({ rule, weight }) => [rule, weight])).toContainEqual(['require-false-pass', 'warning']);
  });

  it('says where the note of the image and the published table differ', () => {
    const note = { cudaVersion: '12.9', drivers: [535, 550], brands: [14] };
    const findings = said({ device: 'A100-40 550.54.15 12.4', image: { cuda: '12.9', compat: '575.57.08', note } });
    expect(findings.find(({ rule }) => rule === 'forward-sources-differ')?.message).toBe(
      'for cuda-compat 12.9 on branch 550 the note in the image says yes, the published table nothing: the note decides',
    );
  });

  it('advises a shorter sequence where the longest one does not fit, and the weights do', () => {
    const memoryOf = (weightsGib: number) =>
      said({
        device: 'A100-40 550.54.14 12.4',
        image: { python: { vllm: '0.6.3' } },
        model: {
          ...{ format: 'safetensors', precisions: ['fp16'], weightsBytes: weightsGib * 2 ** 30 },
          ...{ kvBytesPerToken: 131_072, contextTokens: 131_072 },
        },
        args: ['vllm', 'serve', '/models/one'],
      }).find(({ rule }) => rule === 'memory');
    expect(memoryOf(30)?.message).toContain('one sequence of 131072 tokens, which the engine does not start without');
    expect(memoryOf(30)?.fix).toBe('a device of 46 GiB or more, or a shorter sequence in code.args (--max-model-len)');
    expect(memoryOf(45)?.fix).toBe('a device of 61 GiB or more');
    expect(memoryOf(10)?.message).not.toContain('shorter');
  });

  it('says whether a larger instance fits beside those that exist', () => {
    const fixOf = (deviceFacts: ReturnType<typeof cut>) =>
      said({ device: 'A100-40 550.54.14 12.4', deviceFacts, hardware: { memoryGib: 15, sharing: ['mig'] } }).find(
        ({ rule }) => rule === 'memory',
      )?.fix;
    expect(fixOf(cut(['4g.20gb', 4]))).toBe('an instance 3g.20gb: one fits at slice 4 beside those that exist');
    expect(fixOf(cut(['1g.5gb', 4.75]))).toBe(
      'an instance 3g.20gb: it depends on where the instances that exist were placed',
    );
    expect(fixOf(cut(['2g.10gb', 9.6], ['2g.10gb', 9.6], ['2g.10gb', 9.6]))).toMatch(
      /^an instance 3g.20gb: none fits beside those that exist: no start/,
    );
  });

  it('names a missing fact, and the command that would tell it', () => {
    const { findings } = judge({ device: 'A100-40 550.54.14 12.4', deviceFacts: { computeCapability: null } });
    expect(findings[0]).toMatchObject({ compatibility: 'unknown', facts: { computeCapability: 'not known' } });
    expect(findings[0]?.fix).toMatch(/^nvidia-smi --query-gpu=compute_cap/);
  });

  it('gives the source of every finding with its date', () => {
    const { findings } = judge({ device: a100, image: { cuda: '13.0', compat: '580.82.07' } });
    expect(findings[0]).toMatchObject({ rule: 'driver-forward', source: expect.stringContaining('(2026-09-09)') });
    expect(judge({ device: a100, image: { cuda: '12.2' } }).findings[0]?.source).toMatch(
      /CUDA Toolkit 13.1 release notes.*\(2025-12-04\)$/,
    );
  });
});
