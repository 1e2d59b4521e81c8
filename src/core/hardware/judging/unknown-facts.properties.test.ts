import { describe, expect, it } from 'vitest';
import { allCases } from '../../../testing/hardware-cases/all-cases.ts';
import { classOf, demandsOf } from '../../../testing/hardware-cases/case-row.ts';
import type { ServiceDemands } from '../compatibility.ts';
import type { AcceleratorClass } from '../../pool/classes/device-class.ts';
import type { ImageFacts } from '../../image/image-facts.ts';
import { versionOf } from '../rules/numbers.ts';
import { severity } from '../rules/outcome.ts';
import { cudaOfOldDriver } from '../rules/unit-facts.ts';
import { judgeDevice } from './judge-device.ts';
import type { ModelHardwareFacts, TensorRtEngine } from '../model/model-facts.ts';

/** Every case without each of its facts: some 40,000 judgements. */
const timeoutMs = 240_000;

type Blanked = readonly [fact: string, demands: ServiceDemands, device: AcceleratorClass];

/** Of drivers before 410 nothing tells CUDA, so that their number does. */
const isToldOtherwise = (fact: string, { driver }: AcceleratorClass): boolean =>
  fact === 'driverCuda' && cudaOfOldDriver(versionOf(driver)) !== null;

const deviceFacts = [
  'product',
  'pciDeviceId',
  'brand',
  'computeCapability',
  'memoryBytes',
  'driver',
  'driverCuda',
  'eccEnabled',
  'sharing',
  'migLayout',
] as const;

/** Every single fact of a case taken away, as its source would: null, absent, or named as not readable. */
function blankings(demands: ServiceDemands, device: AcceleratorClass): readonly Blanked[] {
  const blanked: Blanked[] = deviceFacts
    .filter((fact) => !isToldOtherwise(fact, device))
    .map((fact) => [fact, demands, { ...device, [fact]: null }]);
  blanked.push(['certainty', demands, { ...device, certainty: 'node' }]);
  if (device.replicas !== undefined) {
    const { replicas: _unsaid, ...rest } = device;
    // Time slices divide nothing, so that their number says nothing of what one gets.
    blanked.push(['replicas', demands, rest]);
  }
  for (const fact of ['licence', 'iommu', 'shmBytes'] as const) {
    // Of other facts of the state a pass names those that nobody read.
    if (device.state?.[fact] === undefined) continue;
    const { [fact]: _unread, ...state } = device.state;
    blanked.push([`state.${fact}`, demands, { ...device, state }]);
  }
  device.migLayout?.forEach((instance, index) => {
    for (const fact of ['profile', 'memoryBytes'] as const) {
      if (instance.memoryBytes === 0) continue;
      const migLayout = device.migLayout?.with(index, { ...instance, [fact]: null }) ?? null;
      blanked.push([`migLayout.${index}.${fact}`, demands, { ...device, migLayout }]);
    }
  });
  const { image, model } = demands;
  const withImage = (fact: string, changed: ImageFacts | null): void =>
    void blanked.push([fact, { ...demands, image: changed }, device]);
  const withModel = (fact: string, changed: ModelHardwareFacts | null): void =>
    void blanked.push([fact, { ...demands, model: changed }, device]);
  if (image !== null) {
    withImage('image', null);
    const unread = (field: string, changed: Partial<ImageFacts>): void =>
      withImage(`image.${field}`, { ...image, ...changed, unknown: { ...image.unknown, [field]: 'blanked' } });
    unread('cuda', { cuda: null });
    unread('libraries', { libraries: [] });
    unread('libraries', {});
    unread('compat', { compat: null });
    unread('components', { components: {} });
    unread('python', { python: [] });
    image.libraries.forEach((library, index) => {
      const put = (fact: string, changed: object): void =>
        withImage(`image.libraries.${index}.${fact}`, {
          ...image,
          libraries: image.libraries.with(index, { ...library, ...changed }),
        });
      put('unknown', { unknown: 'blanked' });
      put('all', { cubins: [], ptx: [], unknown: 'blanked' });
      put('ptxCuda', { ptxCuda: undefined });
      put('compression', { compression: undefined });
    });
    withImage('image.glibc', { ...image, glibc: undefined } as unknown as ImageFacts);
    withImage('image.glibcxx', { ...image, glibcxx: undefined } as unknown as ImageFacts);
    withImage('image.searchPaths', { ...image, searchPaths: undefined } as unknown as ImageFacts);
    if (image.compat !== null) {
      withImage('image.compat.version', { ...image, compat: { ...image.compat, version: null } });
      withImage('image.compat.note', { ...image, compat: { ...image.compat, note: null, version: null } });
    }
  }
  if (model !== null) {
    // Where the contract says what is needed, the file can only ask for more: then its absence leaves what was stated.
    if (demands.hardware.memoryBytes === undefined) {
      withModel('model', null);
      withModel('model.weightsBytes', { ...model, weightsBytes: null });
    }
    // Of an ONNX file that TensorRT builds a pass names the precision that nobody read.
    if (model.format !== 'onnx') {
      withModel('model.precisions', { ...model, precisions: undefined } as unknown as ModelHardwareFacts);
    }
    withModel('model.format', { ...model, format: 'unknown' });
    if (model.engine !== null) {
      withModel('model.engine', { ...model, format: 'tensorrt', engine: null, unknown: { engine: 'blanked' } });
      for (const fact of [
        'version',
        'computeCapability',
        'product',
        'hardwareCompatibility',
        'versionCompatible',
      ] as const satisfies readonly (keyof TensorRtEngine)[]) {
        withModel(`model.engine.${fact}`, { ...model, engine: { ...model.engine, [fact]: null } });
      }
    }
  }
  for (const runtime of Object.keys(demands.runtime)) {
    const { [runtime]: _gone, ...rest } = demands.runtime;
    blanked.push([`runtime.${runtime}`, { ...demands, runtime: rest }, device]);
  }
  return blanked;
}

/**
 * Facts whose absence is an answer of its own: the image was read whole and holds no such thing. Taking them away while
 * saying so is covered above by `unread`.
 */
const everywhere = allCases.map((row) => ({ row, demands: demandsOf(row), device: classOf(row) }));

/** Facts that a pass may lack where it names them. */
const namedFacts: Readonly<Record<string, string>> = {
  'image.glibc': 'glibc of the image',
  'model.format': 'format of the model, which may be an engine of TensorRT',
};
const isNamed = (fact: string, notChecked: readonly string[] = []): boolean =>
  notChecked.includes(namedFacts[fact] ?? fact);

describe('facts that are not known', () => {
  it(
    'never turn what does not pass into a pass, whichever one is taken away',
    () => {
      let count = 0;
      for (const { row, demands, device } of everywhere) {
        const before = judgeDevice(demands, device);
        if (before.verdict === 'pass') continue;
        for (const [fact, poorer, blanked] of blankings(demands, device)) {
          count += 1;
          const after = judgeDevice(poorer, blanked);
          if (isNamed(fact, after.notChecked)) continue;
          expect(after.verdict, `${row.name}, without ${fact}`).not.toBe('pass');
        }
      }
      expect(count).toBeGreaterThan(2_000);
    },
    timeoutMs,
  );

  it(
    'never make a device better than it was',
    () => {
      for (const { row, demands, device } of everywhere) {
        const before = judgeDevice(demands, device);
        for (const [fact, poorer, blanked] of blankings(demands, device)) {
          const after = judgeDevice(poorer, blanked);
          if (after.verdict !== 'pass') continue;
          if (isNamed(fact, after.notChecked)) continue;
          expect(before.verdict, `${row.name}, without ${fact}`).toBe('pass');
          // Without the search paths it is open which of two ways is taken, and both run.
          if (fact === 'image.searchPaths') continue;
          // A fact that mattered gives unknown, or leaves a worse way that is certain; one that did not changes nothing.
          expect(severity[after.compatibility], `${row.name}, without ${fact}`).toBeGreaterThanOrEqual(
            severity[before.compatibility],
          );
        }
      }
    },
    timeoutMs,
  );

  it('give unknown where the fact mattered: driver, CUDA, capability, how it is handed out, MIG', () => {
    const needed = ['driver', 'driverCuda', 'computeCapability', 'sharing'] as const;
    for (const { row, demands, device } of everywhere) {
      if (judgeDevice(demands, device).verdict !== 'pass') continue;
      for (const fact of needed) {
        if (fact === 'sharing' && (device.migLayout?.length ?? 0) > 0) continue;
        if (isToldOtherwise(fact, device)) continue;
        const { compatibility, findings } = judgeDevice(demands, { ...device, [fact]: null });
        expect(compatibility, `${row.name}, without ${fact}`).toBe('unknown');
        expect(
          findings.flatMap(({ facts }) => Object.keys(facts)),
          row.name,
        ).toContain(fact);
      }
    }
  });

  it('are named with the command that would tell them', () => {
    for (const { demands, device } of everywhere) {
      for (const { compatibility, fix, weight } of judgeDevice(demands, device).findings) {
        if (compatibility === 'unknown' && weight !== 'warning') expect(fix).toBeTruthy();
      }
    }
  });
});
