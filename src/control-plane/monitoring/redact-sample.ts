import { redactText, type Redaction } from '../../core/monitoring/samples/redact.ts';
import type { CapturedContent, CapturedSample } from '../../core/monitoring/samples/sample.ts';

/** Values at a redacted path are not even read. What cannot be redacted is read as nothing. */
export function redactPaths(sample: CapturedSample, redaction: Redaction): CapturedSample {
  if (!redaction.hasPaths) return sample;
  const redacted = (content: CapturedContent): CapturedContent => {
    if (content.jsonBytes !== null || content.cut) return content;
    return { ...content, body: Buffer.from(redactText(Buffer.from(content.body).toString('utf8'), redaction) ?? '') };
  };
  return { ...sample, request: redacted(sample.request), response: redacted(sample.response) };
}
