import type { ImageFacts } from '../../../image/image-facts.ts';
import type { ModelHardwareFacts } from '../../model/model-facts.ts';
import { onnxIrRows } from '../../tables/engines/onnx-ir.ts';
import { found, type Found } from '../finding.ts';
import { versionOf } from '../numbers.ts';
import { distribution } from '../service-facts.ts';
import { rowOf } from './published-runtimes.ts';

/**
 * Whether ONNX Runtime opens a file of this IR version. Null where the model is no ONNX file, its IR version was not read, or no row
 * names the version of ONNX Runtime in the image.
 */
export function onnxIrFinding(image: ImageFacts, model: ModelHardwareFacts | null): Found | null {
  const written = model?.onnxIrVersion;
  const text = distribution(image, ['onnxruntime-gpu', 'onnxruntime']);
  const version = versionOf(text);
  const row = version === null ? null : rowOf(onnxIrRows, version);
  if (written === undefined || row === null) return null;
  const opens = written <= row.newest;
  return found({
    rule: 'onnx-ir',
    compatibility: opens ? 'native' : 'incompatible',
    message: `the model has IR version ${written}, and ONNX Runtime ${text} opens version ${row.newest} at most`,
    facts: { onnxIrVersion: String(written), onnxruntime: text },
    source: row.source,
    fix: opens ? undefined : `a newer ONNX Runtime, or the model written with IR version ${row.newest}`,
  });
}
