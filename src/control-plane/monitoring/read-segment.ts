import type { CapturedSample } from '../../core/monitoring/samples/sample.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { sampleHeadSchema, splitSegment, type RecordParts } from '../../schemas/monitoring/sample-segment.ts';

/**
 * The samples of a segment; their bodies are views of it. A last record that is not whole was cut off by a kill, and is left
 * out.
 * @throws PlimsollError `segment-invalid` (input), which names the record.
 */
export function readSegment(bytes: Uint8Array): readonly CapturedSample[] {
  return splitSegment(bytes).map((record, at) => readRecord(record, at + 1));
}

function readRecord({ head, request, response }: RecordParts, number: number): CapturedSample {
  const parsed = sampleHeadSchema.safeParse(parsedJson(head));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const place = issue === undefined || issue.path.length === 0 ? '' : `, ${issue.path.join('.')}`;
    throw new PlimsollError({
      code: 'segment-invalid',
      category: 'input',
      message: `record ${number}${place}: ${issue?.message ?? 'not a captured request'}`,
      next: 'run gateway and control plane of the same version',
    });
  }
  const { data } = parsed;
  return { ...data, request: { ...data.request, body: request }, response: { ...data.response, body: response } };
}

function parsedJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
