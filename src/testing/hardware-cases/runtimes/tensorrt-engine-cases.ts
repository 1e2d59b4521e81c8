import type { TensorRtEngine } from '../../../core/hardware/model/model-facts.ts';
import type { CaseRow } from '../case-row.ts';
import { type Answer, runtimeRow, newest, never, native } from './runtime-case.ts';

const trtGuide = 'TensorRT Developer Guide, engine portability, version and hardware compatibility (2026-11)';
const built: TensorRtEngine = {
  version: '10.3.0',
  computeCapability: '8.0',
  product: 'NVIDIA A100-SXM4-40GB',
  hardwareCompatibility: 'none',
  versionCompatible: false,
};
type EngineLine = readonly [engine: Partial<TensorRtEngine>, runtime: string, device: string, answer: Answer];
const version: Answer = ['incompatible', 'engine-version'];
const device: Answer = ['incompatible', 'engine-device'];
const engines: readonly CaseRow[] = (
  [
    [{}, '10.3.0', 'A100-40', native],
    [{}, '10.3.1', 'A100-40', version],
    [{}, '10.3.0.30', 'A100-40', native],
    [{ version: '8.6.0', versionCompatible: true }, '8.6.1', 'A100-40', native],
    [{}, '10.2.0', 'A100-40', version],
    [{}, '10.4.0', 'A100-40', version],
    [{ versionCompatible: true }, '10.4.0', 'A100-40', native],
    [{ versionCompatible: true }, '10.3.1', 'A100-40', native],
    [{ versionCompatible: true }, '10.2.0', 'A100-40', version],
    [{ versionCompatible: true }, '11.1.0', 'A100-40', native],
    [{ version: '8.6.1', versionCompatible: true }, '10.3.0', 'A100-40', native],
    [{ version: '8.6.1', versionCompatible: true }, '11.1.0', 'A100-40', version],
    [{ version: '8.6.1', versionCompatible: true }, '8.6.3', 'A100-40', native],
    [{ version: '8.5.3', versionCompatible: true }, '8.6.1', 'A100-40', version],
    [{ version: '11.1.0', versionCompatible: true }, '10.15.1', 'A100-40', version],
    [{ version: '10.3.0.26' }, '10.3.0', 'A100-40', native],
    [{ version: '10.3.0.26', versionCompatible: null }, '10.3.0', 'A100-40', native],
    [{ versionCompatible: null }, '10.3.0.30', 'A100-40', native],
    [{ version: '10.3.0.26' }, '10.3.0.30', 'A100-40', version],
    [{ version: '9.2.0.5' }, '9.2.0.4', 'A100-40', version],
    [{ version: '9.2.0.5' }, '9.2.0.5', 'A100-40', native],
    [{ version: '9.2.0.5', versionCompatible: true }, '9.2.0.4', 'A100-40', native],
    [{ version: '9.2.0.5', versionCompatible: true }, '9.2.0.0', 'A100-40', native],
    [{ version: '8.6.1.6' }, '8.6.1.2', 'A100-40', native],
    [{ version: '9.2.0' }, '10.2.0', 'A100-40', version],
    [{}, '10.3.0', 'A100-80', device],
    [{}, '10.3.0', 'H100', device],
    [{ hardwareCompatibility: 'ampere-plus' }, '10.3.0', 'A100-80', native],
    [{ hardwareCompatibility: 'ampere-plus' }, '10.3.0', 'L4', native],
    [{ hardwareCompatibility: 'ampere-plus' }, '10.3.0', 'T4', device],
    [{ hardwareCompatibility: 'same-compute-capability' }, '10.3.0', 'A100-80', native],
    [{ hardwareCompatibility: 'same-compute-capability' }, '10.3.0', 'A30', native],
    [{ hardwareCompatibility: 'same-compute-capability' }, '10.3.0', 'A10', device],
    [
      { hardwareCompatibility: 'same-compute-capability', computeCapability: '7.5', product: 'Tesla T4' },
      '10.3.0',
      'T4',
      native,
    ],
    [
      { hardwareCompatibility: 'same-compute-capability', computeCapability: '7.0', product: null },
      '10.3.0',
      'V100',
      device,
    ],
    [{ hardwareCompatibility: null }, '10.3.0', 'A100-40', ['unknown', 'engine-device']],
    [{ product: null }, '10.3.0', 'A100-40', ['unknown', 'engine-device']],
    [{ product: null }, '10.3.0', 'H100', device],
    [
      { hardwareCompatibility: 'same-compute-capability', computeCapability: null },
      '10.3.0',
      'A100-40',
      ['unknown', 'engine-device'],
    ],
    [{ version: null }, '10.3.0', 'A100-40', ['unknown', 'engine-version']],
    [{ versionCompatible: null }, '10.4.0', 'A100-40', ['unknown', 'engine-version']],
    [{ versionCompatible: null }, '10.3.0', 'A100-40', native],
    [{ product: null, computeCapability: null }, '10.3.0', 'A100-40', ['unknown', 'engine-device']],
  ] satisfies readonly EngineLine[]
).map(([differs, runtime, on, [compatibility, rule]]) => ({
  name: `engine ${JSON.stringify(differs)} with TensorRT ${runtime} on ${on}`,
  device: `${on} ${on === 'V100' ? '580.95.05 13.0' : newest}`,
  image: { cuda: runtime.startsWith('11') ? '13.3' : '12.6', components: { tensorrt: runtime } },
  model: { format: 'tensorrt', engine: { ...built, ...differs } },
  compatibility,
  rule,
  source: compatibility === 'unknown' ? never : trtGuide,
}));
const trt = { cuda: '12.6', components: { tensorrt: '10.3.0' } };
const engineOthers: readonly CaseRow[] = [
  runtimeRow('an engine of which nothing could be read', trt, ['unknown', 'engine-version'], never, {
    model: { format: 'tensorrt', engine: null },
  }),
  runtimeRow('an engine, and no TensorRT in the image', { cuda: '12.6' }, ['unknown', 'engine-version'], never, {
    model: { format: 'tensorrt', engine: built },
  }),
  runtimeRow('an engine on a device whose product is not known', trt, ['unknown', 'engine-device'], never, {
    model: { format: 'tensorrt', engine: built },
    deviceFacts: { product: null },
  }),
  runtimeRow(
    'an AMPERE_PLUS engine on a device whose capability is not known',
    trt,
    ['unknown', 'engine-device'],
    never,
    {
      model: { format: 'tensorrt', engine: { ...built, hardwareCompatibility: 'ampere-plus' } },
      deviceFacts: { computeCapability: null },
    },
  ),
  runtimeRow(
    'an engine of one capability on a device whose capability is not known',
    trt,
    ['unknown', 'engine-device'],
    never,
    {
      model: { format: 'tensorrt', engine: { ...built, hardwareCompatibility: 'same-compute-capability' } },
      deviceFacts: { computeCapability: null },
    },
  ),
  runtimeRow(
    'a file of an unknown format beside TensorRT may be an engine',
    trt,
    ['unknown', 'engine-version'],
    never,
    {
      model: { format: 'unknown' },
    },
  ),
  runtimeRow(
    'a model that nobody looked at beside TensorRT may be an engine',
    trt,
    ['unknown', 'engine-version'],
    never,
    {
      model: null,
    },
  ),
  runtimeRow('a file of an unknown format without TensorRT is none', { cuda: '12.6' }, native, trtGuide, {
    model: { format: 'unknown' },
  }),
  runtimeRow('a model of another format says nothing of engines', trt, native, trtGuide, { model: { format: 'onnx' } }),
  runtimeRow('an engine inside a file of another format counts', trt, device, trtGuide, {
    model: { format: 'unknown', engine: built },
    device: `H100 ${newest}`,
  }),
];

/** Engines that TensorRT built, on another device or by another version. */
export const tensorRtEngineCases: readonly CaseRow[] = [...engines, ...engineOthers];
