import type { CapturedContent, CapturedSample } from '../../core/monitoring/samples/sample.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { sampleLineSchema, type SampleLine } from '../../schemas/monitoring/sample-segment.ts';

/**
 * The samples of a segment. A last line without its end was cut off by a kill, and is left out.
 * @throws PlimsollError `segment-invalid` (input), which names the line.
 */
export function readSegment(bytes: Uint8Array): readonly CapturedSample[] {
  const lines = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8').split('\n');
  lines.pop();
  return lines.map((line, at) => readLine(line, at + 1));
}

function readLine(text: string, number: number): CapturedSample {
  const parsed = sampleLineSchema.safeParse(parsedJson(text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const place = issue === undefined || issue.path.length === 0 ? '' : `, ${issue.path.join('.')}`;
    throw new PlimsollError({
      code: 'segment-invalid',
      category: 'input',
      message: `line ${number}${place}: ${issue?.message ?? 'not a captured request'}`,
      next: 'run gateway and control plane of the same version',
    });
  }
  const { request, response, ...facts } = parsed.data;
  return { ...facts, request: decodeContent(request), response: decodeContent(response) };
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function decodeContent(content: SampleLine['request']): CapturedContent {
  return { ...content, body: Buffer.from(content.body, 'base64') };
}
