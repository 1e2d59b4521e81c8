import type { CaseRow } from '../case-row.ts';
import { type Answer, runtimeRow, newest, never, native } from './runtime-case.ts';

const trtMatrix = 'TensorRT support matrices (2026-11)';
/** [TensorRT, CUDA, device]. */
const tensorRt: readonly CaseRow[] = (
  [
    ['8.6.1', '11.8', 'A100-40', native],
    ['8.6.1', '12.1', 'A100-40', native],
    ['8.6.1', '13.0', 'A100-40', ['incompatible', 'tensorrt-cuda']],
    ['10.0.1', '12.4', 'A100-40', native],
    ['10.1.0', '11.8', 'A100-40', native],
    ['10.1.0', '10.2', 'A100-40', ['incompatible', 'tensorrt-cuda']],
    ['10.3.0', '12.6', 'V100', native],
    ['10.4.0', '12.6', 'V100', native],
    ['10.5.0', '12.6', 'V100', ['incompatible', 'tensorrt-capability']],
    ['10.5.0', '12.6', 'T4', native],
    ['10.13.1', '11.8', 'A100-40', native],
    ['10.13.2', '11.8', 'A100-40', ['incompatible', 'tensorrt-cuda']],
    ['10.13.2', '13.0', 'A100-40', native],
    ['10.13.1', '13.0', 'A100-40', ['incompatible', 'tensorrt-cuda']],
    ['10.15.1', '13.1', 'A100-40', native],
    ['11.1.0', '13.3', 'A100-40', native],
    ['11.1.0', '12.9', 'A100-40', ['incompatible', 'tensorrt-cuda']],
    ['11.5.0', '13.4', 'A100-40', native],
    ['7.2.3', '11.1', 'A100-40', ['unknown', 'tensorrt-cuda']],
    ['8.0.1', '11.3', 'A100-40', native],
    ['8.0.1', '12.1', 'A100-40', ['incompatible', 'tensorrt-cuda']],
    ['8.2.5', '11.5', 'A100-40', native],
    ['8.4.3', '11.6', 'A100-40', native],
    ['8.5.3', '11.8', 'A100-40', native],
    ['8.5.3', '12.0', 'A100-40', ['incompatible', 'tensorrt-cuda']],
    ['12.0.0', '13.4', 'A100-40', ['unknown', 'tensorrt-cuda']],
    ['8.6.1', '12.1', 'P100', native],
    ['9.0.1', '12.2', 'A100-40', ['unknown', 'tensorrt-cuda']],
    ['9.1.0', '12.2', 'A100-40', native],
    ['9.2.0', '11.8', 'P100', native],
    ['9.3.0', '12.2', 'H100', native],
    ['9.3.0', '13.0', 'A100-40', ['incompatible', 'tensorrt-cuda']],
    ['10.3.0', '12.6', 'P100', ['incompatible', 'tensorrt-capability']],
  ] satisfies readonly (readonly [string, string, string, Answer])[]
).map(([version, cuda, device, [compatibility, rule]]) => ({
  name: `TensorRT ${version} with CUDA ${cuda} on ${device}`,
  device: `${device} ${device === 'V100' || device === 'P100' ? '580.95.05 13.0' : newest}`,
  image: { cuda, components: { tensorrt: version } },
  compatibility,
  rule,
  source: compatibility === 'unknown' ? never : trtMatrix,
}));
const tensorRtOthers: readonly CaseRow[] = [
  runtimeRow(
    'TensorRT of the plain distribution',
    { cuda: '12.9', python: { tensorrt: '11.1.0' } },
    ['incompatible', 'tensorrt-cuda'],
    trtMatrix,
  ),
  runtimeRow(
    'TensorRT of the distribution for CUDA 13',
    { cuda: '12.9', python: { 'tensorrt-cu13': '11.1.0' } },
    ['incompatible', 'tensorrt-cuda'],
    trtMatrix,
  ),
  runtimeRow(
    'TensorRT of a version that is no version',
    { cuda: '12.9', components: { tensorrt: 'main' } },
    ['unknown', 'tensorrt-cuda'],
    never,
  ),
  runtimeRow(
    'TensorRT of a Python distribution counts',
    { cuda: '12.9', python: { 'tensorrt-cu12': '11.1.0' } },
    ['incompatible', 'tensorrt-cuda'],
    trtMatrix,
  ),
  runtimeRow(
    'TensorRT without a CUDA runtime, and the capability is not known',
    { cuda: null, components: { tensorrt: '10.5.0' } },
    ['unknown', 'tensorrt-capability'],
    never,
    { deviceFacts: { computeCapability: null } },
  ),
  runtimeRow(
    'TensorRT 10.5 on Volta, in words',
    { cuda: '12.6', components: { tensorrt: '10.5.0' } },
    ['incompatible', 'tensorrt-capability'],
    trtMatrix,
    { device: 'V100 560.35.05 12.6', says: 'runs on capability 7.5 to ' },
  ),
  runtimeRow(
    'TensorRT 11.1 on Volta, in words',
    { cuda: '13.3', components: { tensorrt: '11.1.0' } },
    ['incompatible', 'tensorrt-capability'],
    trtMatrix,
    { device: 'V100 610.10.01 13.3', says: 'runs on capability 7.5 and later' },
  ),
  runtimeRow(
    'TensorRT is there and the capability is not known',
    { cuda: '12.6', components: { tensorrt: '10.5.0' } },
    ['unknown', 'tensorrt-capability'],
    never,
    { deviceFacts: { computeCapability: null } },
  ),
];

/** TensorRT beside a CUDA and a device. */
export const tensorRtCases: readonly CaseRow[] = [...tensorRt, ...tensorRtOthers];
