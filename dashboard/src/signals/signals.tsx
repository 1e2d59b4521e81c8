import type { ReactNode } from 'react';
import { useCallback, useMemo, useState } from 'react';
import type { ServiceView, SignalSample } from '../../../src/schemas/view/view.ts';
import { axisTop } from '../parts/axis-top.ts';
import { Chart, type ChartLine } from '../parts/chart.tsx';
import { formatClock, formatCount, formatDuration, formatMs, formatShare } from '../parts/format.ts';
import {
  columnsOf,
  sampleAt,
  type SignalName,
  type SignalWindow,
  signalWindow,
  windowSeconds,
} from './signal-window.ts';
import { Section } from '../parts/section.tsx';
import { useLive, useNowMs } from '../live/use-live.ts';

interface Shown extends ChartLine {
  readonly name: SignalName;
  readonly words: string;
  readonly format: (value: number | null) => string;
}

interface Instrument {
  readonly title: string;
  readonly unit: string;
  readonly lines: readonly Shown[];
  /** Never a smaller axis than this: noise of one request is not a mountain. */
  readonly least: number;
  readonly most?: number;
  readonly tick: (value: number) => string;
}

const instruments: readonly Instrument[] = [
  {
    title: 'Requests',
    unit: 'per second',
    least: 10,
    tick: formatCount,
    lines: [
      { name: 'requestsPerSecond', words: 'all', tone: 'sea', filled: true, format: formatCount },
      { name: 'errorsPerSecond', words: 'errors', tone: 'bad', format: formatCount },
    ],
  },
  {
    title: 'Latency',
    unit: 'ms',
    least: 5,
    tick: formatCount,
    lines: [
      { name: 'latencyP50Ms', words: 'p50', tone: 'sea', filled: true, format: formatMs },
      { name: 'latencyP99Ms', words: 'p99', tone: 'warm', format: formatMs },
    ],
  },
  {
    title: 'Load',
    unit: 'requests',
    least: 4,
    tick: formatCount,
    lines: [
      { name: 'queueDepth', words: 'queued', tone: 'warm', format: formatCount },
      { name: 'inFlight', words: 'in flight', tone: 'sea', filled: true, format: formatCount },
    ],
  },
  {
    title: 'Batch fill',
    unit: 'of the largest batch',
    least: 1,
    most: 1,
    tick: formatShare,
    lines: [{ name: 'batchFillShare', words: 'fill', tone: 'sea', filled: true, format: formatShare }],
  },
];

/** The last five minutes of what the gateways and replicas measure. */
export function Signals({ view }: { readonly view: ServiceView }): ReactNode {
  const samples = useLive((live) => live.samples);
  const nowMs = useNowMs();
  const [hoveredMs, setHoveredMs] = useState<number | null>(null);
  const [backSeconds, setBackSeconds] = useState(0);
  // The right edge is the newest second that could have been heard of, so that a steady stream leaves no gap there.
  const toMs = Math.max(samples.at(-1)?.atMs ?? 0, nowMs - 1500);
  const window = useMemo(() => signalWindow(samples, toMs), [samples, toMs]);
  const marks = useMemo(
    () => view.releases.slice(0, 8).map((release) => ({ atMs: release.createdAtMs, label: `R${release.number}` })),
    [view.releases],
  );
  const chosenMs = backSeconds === 0 ? null : toMs - backSeconds * 1000;
  const readMs = hoveredMs ?? chosenMs;
  const read = readMs === null ? newest(samples, toMs) : sampleAt(samples, readMs);
  const onRead = useCallback((atMs: number | null) => setHoveredMs(atMs), []);
  return (
    <Section
      id="signals"
      title="Signals"
      aside={
        <>
          {window.unknown.length === 0 ? null : (
            <span className="unknown-key">
              <span className="unknown-swatch" aria-hidden="true" />
              not known
            </span>
          )}
          <Scrubber backSeconds={backSeconds} onChange={setBackSeconds} readMs={readMs} read={read} />
        </>
      }
    >
      <div className="instruments">
        {instruments.map((instrument) => (
          <InstrumentChart
            key={instrument.title}
            instrument={instrument}
            samples={samples}
            window={window}
            marks={marks}
            read={read}
            readAtMs={hoveredMs === null ? chosenMs : null}
            onRead={onRead}
          />
        ))}
      </div>
    </Section>
  );
}

/** The last second, unless it is too long ago to be called now. */
function newest(samples: readonly SignalSample[], toMs: number): SignalSample | null {
  const last = samples.at(-1);
  return last !== undefined && toMs - last.atMs < 4_000 ? last : null;
}

interface ScrubberProps {
  readonly backSeconds: number;
  readonly onChange: (backSeconds: number) => void;
  readonly readMs: number | null;
  readonly read: SignalSample | null;
}

/** Reads all four at one moment, by keyboard and by touch as well as by pointing. */
function Scrubber({ backSeconds, onChange, readMs, read }: ScrubberProps): ReactNode {
  const moment = readMs === null ? 'now' : formatClock(readMs);
  return (
    <label className="scrubber">
      <span className="unseen">Moment to read, seconds before now</span>
      <input
        type="range"
        min={-windowSeconds}
        max={0}
        step={1}
        value={-backSeconds}
        aria-valuetext={read === null ? `${moment}: nothing known` : `${moment}: ${inWords(read)}`}
        onChange={(event) => onChange(-Number(event.currentTarget.value))}
      />
      <output>{moment}</output>
    </label>
  );
}

function inWords(sample: SignalSample): string {
  return instruments
    .flatMap(({ lines }) => lines.map((line) => `${line.words} ${line.format(sample[line.name])}`))
    .join(', ');
}

interface InstrumentChartProps {
  readonly instrument: Instrument;
  readonly samples: readonly SignalSample[];
  readonly window: SignalWindow;
  readonly marks: readonly { readonly atMs: number; readonly label: string }[];
  readonly read: SignalSample | null;
  readonly readAtMs: number | null;
  readonly onRead: (atMs: number | null) => void;
}

function InstrumentChart({ instrument, window, marks, read, readAtMs, onRead }: InstrumentChartProps): ReactNode {
  const { lines, least, most } = instrument;
  const columns = useMemo(
    () =>
      columnsOf(
        window,
        lines.map((line) => line.name),
      ),
    [window, lines],
  );
  const readings = lines.map((line) => `${line.words} ${line.format(read?.[line.name] ?? null)}`).join(', ');
  return (
    <figure className="instrument">
      <figcaption>
        <h3>
          {instrument.title} <span className="unit">{instrument.unit}</span>
        </h3>
        <dl className="readings">
          {lines.map((line) => (
            <div className="reading" key={line.name}>
              <dt>
                <span className={`swatch tone-${line.tone}`} aria-hidden="true" />
                {line.words}
              </dt>
              <dd>{line.format(read?.[line.name] ?? null)}</dd>
            </div>
          ))}
        </dl>
      </figcaption>
      <Chart
        label={`${instrument.title}, ${instrument.unit}, over the last ${formatDuration(windowSeconds * 1000)}: ${readings}`}
        columns={columns}
        window={window}
        lines={lines}
        top={(largest) => most ?? axisTop(Math.max(least, largest * 1.05))}
        tick={instrument.tick}
        marks={marks}
        readAtMs={readAtMs}
        onRead={onRead}
      />
    </figure>
  );
}
