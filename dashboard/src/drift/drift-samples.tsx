import type { ReactNode } from 'preact/compat';
import { useEffect, useRef, useState } from 'preact/compat';
import type { DriftSample } from '../../../src/core/monitoring/samples/drift-sample.ts';
import { NextStep } from '../health/next-step.tsx';
import { shortReplica } from '../parts/format.ts';
import { currentTheme, watchTheme } from '../parts/theme.ts';
import { Time } from '../parts/time.tsx';
import { readImage, type SampleImage } from './sample-image.ts';
import { askSamples, type SamplesOutcome } from './send-drift.ts';

/** Whose values are looked at, and for which alarm. */
export interface AskedSamples {
  readonly alarm: string;
  readonly features: readonly string[];
}

const samplesShown = 40;

/** The newest captured requests as values of what moved; as pictures where their content is kept and is one. */
export function DriftSamples({
  asked,
  onClose,
}: {
  readonly asked: AskedSamples;
  readonly onClose: () => void;
}): ReactNode {
  const [outcome, setOutcome] = useState<SamplesOutcome | null>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    heading.current?.focus();
    let isOld = false;
    void askSamples(samplesShown).then((told) => {
      if (!isOld) setOutcome(told);
    });
    return () => {
      isOld = true;
    };
  }, []);
  return (
    <section className="drift-samples" aria-labelledby="drift-samples-title">
      <div className="drift-samples-head">
        <h3 id="drift-samples-title" tabIndex={-1} ref={heading}>
          Newest requests <span className="unit">newest first, for {asked.alarm}</span>
        </h3>
        <button type="button" className="quiet" onClick={onClose}>
          Close
        </button>
      </div>
      <div className="drift-samples-room scroll-y" tabIndex={0} role="group" aria-labelledby="drift-samples-title">
        {outcome === null ? (
          <p className="sub">They are being read.</p>
        ) : 'refused' in outcome ? (
          <p className="steering-failed" role="alert">
            {outcome.refused.message}
            {outcome.refused.next === null ? null : (
              <>
                . Next: <NextStep text={outcome.refused.next} />
              </>
            )}
          </p>
        ) : (
          <Rows samples={outcome.samples} features={asked.features} />
        )}
      </div>
    </section>
  );
}

interface RowsProps {
  readonly samples: readonly DriftSample[];
  readonly features: readonly string[];
}

function Rows({ samples, features }: RowsProps): ReactNode {
  if (samples.length === 0) return <p className="sub">None is kept: they go after `retention`.</p>;
  const images = samples.map(readImage);
  return images.some((image) => image !== null) ? (
    <ul className="drift-images">
      {samples.map((sample, at) => (
        <li key={sample.requestId}>
          <Picture image={images[at] ?? null} />
          <ImageWords sample={sample} features={features} />
        </li>
      ))}
    </ul>
  ) : (
    <Table samples={samples} features={features} />
  );
}

function ImageWords({ sample, features }: { readonly sample: DriftSample; readonly features: readonly string[] }) {
  const [first = ''] = features;
  return (
    <span className="sub" title={`${first} ${valueOf(sample, first)}, request ${sample.requestId}`}>
      {valueOf(sample, first)}
    </span>
  );
}

function Table({ samples, features }: RowsProps): ReactNode {
  return (
    <table className="drift-rows">
      <thead>
        <tr>
          <th scope="col">came</th>
          {features.map((name) => (
            <th scope="col" key={name}>
              {name}
            </th>
          ))}
          <th scope="col">replica</th>
        </tr>
      </thead>
      <tbody>
        {samples.map((sample) => (
          <tr key={sample.requestId}>
            <td>
              <Time atMs={sample.atMs} exact />
            </td>
            {features.map((name) => (
              <td key={name}>{valueOf(sample, name)}</td>
            ))}
            <td>{sample.replicaId === null ? '–' : shortReplica(sample.replicaId)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function valueOf({ values }: DriftSample, name: string): string {
  const value = Object.hasOwn(values, name) ? (values[name] ?? null) : null;
  if (value === null) return 'missing';
  return typeof value === 'number' ? String(Number(value.toPrecision(4))) : value;
}

/** In the ink of the page, as the digits that are drawn by hand. */
function Picture({ image }: { readonly image: SampleImage | null }): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const paint = (): void => paintImage(canvas.current, image);
    paint();
    return watchTheme(paint);
  }, [image]);
  return <canvas ref={canvas} width={image?.width ?? 28} height={image?.height ?? 28} aria-hidden="true" />;
}

function paintImage(canvas: HTMLCanvasElement | null, image: SampleImage | null): void {
  const context = canvas?.getContext('2d') ?? null;
  if (context === null || image === null) return;
  const { width, height, pixels } = image;
  context.clearRect(0, 0, width, height);
  context.fillStyle = currentTheme().ink;
  pixels.forEach((ink, at) => {
    context.globalAlpha = ink;
    context.fillRect(at % width, Math.floor(at / width), 1, 1);
  });
  context.globalAlpha = 1;
}
