import type { ReactNode } from 'preact/compat';
import { sampleCount, sampleStrokes } from './sample-digits.ts';

const thumbnailSize = 24;
const thumbnails = Array.from({ length: sampleCount }, (_, digit) =>
  sampleStrokes(digit, thumbnailSize)
    .map((stroke) =>
      stroke.map((point, index) => `${index === 0 ? 'M' : 'L'}${point.x.toFixed(1)} ${point.y.toFixed(1)}`).join(''),
    )
    .join(''),
);

interface SampleDigitsProps {
  readonly chosen: number | null;
  readonly onChoose: (digit: number) => void;
}

/** Radio buttons, so that the arrow keys go through them. */
export function SampleDigits({ chosen, onChoose }: SampleDigitsProps): ReactNode {
  return (
    <fieldset className="samples">
      <legend className="unseen">Sample digits</legend>
      {thumbnails.map((path, digit) => (
        <label key={digit} title={`Draw a ${digit}`}>
          <input type="radio" name="sample-digit" checked={chosen === digit} onChange={() => onChoose(digit)} />
          <svg viewBox={`0 0 ${thumbnailSize} ${thumbnailSize}`} width="22" height="22" aria-hidden="true">
            <path d={path} />
          </svg>
          <span className="unseen">Draw a {digit}</span>
        </label>
      ))}
    </fieldset>
  );
}
