import type { ReactNode } from 'preact/compat';
import { useCallback, useMemo, useState } from 'preact/compat';
import type { Promises } from '../../../src/core/contract/promises.ts';
import type { HistoryPoint } from '../../../src/core/health/history.ts';
import type { HealthWindow } from '../../../src/core/health/health.ts';
import type { ServiceView, SignalSample } from '../../../src/schemas/view/view.ts';
import { axisTop } from '../parts/axis-top.ts';
import { Chart, type ChartLine } from '../parts/chart.tsx';
import { formatClock, formatCount, formatDuration, formatMs, formatShare } from '../parts/format.ts';
import {
  columnsOf,
  historyWindow,
  pointAt,
  sampleAt,
  type SignalName,
  type SignalWindow,
  signalWindow,
  windowSeconds,
} from './signal-window.ts';
import { useHistory } from './use-history.ts';
import { Section } from '../parts/section.tsx';
import { useLive } from '../live/use-live.ts';
import { useHeardUntil } from './use-heard-until.ts';

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

const daySeconds = 86_400;
const noHistory: readonly HistoryPoint[] = [];

/** The last minutes, or the last day, of what the gateways and replicas measure. */
export function Signals({ view }: { readonly view: ServiceView }): ReactNode {
  const samples = useLive((live) => live.samples);
  const [hoveredMs, setHoveredMs] = useState<number | null>(null);
  const [backSeconds, setBackSeconds] = useState(0);
  const [isDay, setIsDay] = useState(false);
  const lengthSeconds = isDay ? daySeconds : windowSeconds;
  const history = useHistory(isDay ? 24 : null) ?? noHistory;
  const toMs = useHeardUntil(samples);
  // A day is drawn anew each minute: by the second nothing in it moves.
  const dayToMs = Math.ceil(toMs / 60_000) * 60_000;
  const minutes = useMemo(() => signalWindow(samples, toMs), [samples, toMs]);
  const day = useMemo(() => historyWindow(history, dayToMs, daySeconds), [history, dayToMs]);
  const window = isDay ? day : minutes;
  const marks = useMemo(
    () => view.releases.slice(0, 8).map((release) => ({ atMs: release.createdAtMs, label: `R${release.number}` })),
    [view.releases],
  );
  const chosenMs = backSeconds === 0 ? null : window.toMs - backSeconds * 1000;
  const readMs = hoveredMs ?? chosenMs;
  const readThen = (atMs: number): SignalSample | null => (isDay ? pointAt(history, atMs) : sampleAt(samples, atMs));
  const read = readMs === null ? newest(samples, toMs) : readThen(readMs);
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
          <Lengths
            isDay={isDay}
            onChange={(chosen) => {
              setIsDay(chosen);
              setBackSeconds(0);
            }}
          />
          <Scrubber
            backSeconds={backSeconds}
            lengthSeconds={lengthSeconds}
            onChange={setBackSeconds}
            readMs={readMs}
            read={read}
          />
        </>
      }
    >
      <div className="instruments">
        {instruments.map((instrument) => (
          <InstrumentChart
            key={instrument.title}
            instrument={instrument}
            lengthSeconds={lengthSeconds}
            window={window}
            marks={marks}
            read={read}
            readAtMs={hoveredMs === null ? chosenMs : null}
            isNow={readMs === null && read !== null}
            promises={view.promises ?? null}
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

interface LengthsProps {
  readonly isDay: boolean;
  readonly onChange: (isDay: boolean) => void;
}

/** How much time the charts show. */
function Lengths({ isDay, onChange }: LengthsProps): ReactNode {
  return (
    <span className="lengths" role="group" aria-label="Time that the charts show">
      <button type="button" aria-pressed={!isDay} onClick={() => onChange(false)}>
        {formatDuration(windowSeconds * 1000)}
      </button>
      <button type="button" aria-pressed={isDay} onClick={() => onChange(true)}>
        24 h
      </button>
    </span>
  );
}

interface ScrubberProps {
  readonly backSeconds: number;
  readonly lengthSeconds: number;
  readonly onChange: (backSeconds: number) => void;
  readonly readMs: number | null;
  readonly read: SignalSample | null;
}

/** Reads all four at one moment, by keyboard and by touch as well as by pointing. */
function Scrubber({ backSeconds, lengthSeconds, onChange, readMs, read }: ScrubberProps): ReactNode {
  const moment = readMs === null ? 'now' : formatClock(readMs);
  return (
    <label className="scrubber">
      <span className="unseen">Moment to read, seconds before now</span>
      <input
        type="range"
        min={-lengthSeconds}
        max={0}
        step={lengthSeconds / windowSeconds >= 60 ? 60 : 1}
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

/** Whole minutes: the last of its spans is not over yet. */
const spanWords = ({ spanMs }: HealthWindow): string =>
  formatDuration(Math.max(1, Math.round(spanMs / 60_000)) * 60_000);

/** The quantiles of a minute say more than those of its last second. */
function valueOf(name: SignalName, read: SignalSample | null, over: HealthWindow | null): number | null {
  if (over !== null && (name === 'latencyP50Ms' || name === 'latencyP99Ms')) return over[name];
  return read?.[name] ?? null;
}

const limitsOf = (promises: Promises | null): readonly { readonly value: number; readonly label: string }[] =>
  (promises?.latency ?? []).map(({ quantile, limitMs }) => ({
    value: limitMs,
    label: `${quantile} at most ${formatDuration(limitMs)}`,
  }));

/** A limit far above what is measured would press the lines into the ground: then it is only named. */
function reachOf(largest: number, limits: readonly { readonly value: number }[]): number {
  return Math.max(largest, ...limits.map(({ value }) => value).filter((value) => value <= largest * 4));
}

interface InstrumentChartProps {
  readonly instrument: Instrument;
  readonly lengthSeconds: number;
  readonly window: SignalWindow;
  readonly marks: readonly { readonly atMs: number; readonly label: string }[];
  readonly read: SignalSample | null;
  readonly readAtMs: number | null;
  /** Whether no moment is read, but what is known now: then quantiles are read over the last minute. */
  readonly isNow: boolean;
  readonly promises: Promises | null;
  readonly onRead: (atMs: number | null) => void;
}

function InstrumentChart({
  instrument,
  lengthSeconds,
  window,
  marks,
  read,
  readAtMs,
  isNow,
  promises,
  onRead,
}: InstrumentChartProps): ReactNode {
  const { lines, least, most } = instrument;
  const columns = useMemo(
    () =>
      columnsOf(
        window,
        lines.map((line) => line.name),
      ),
    [window, lines],
  );
  const isLatency = instrument.title === 'Latency';
  const recent = useLive((live) => (isLatency && isNow ? (live.health?.recent ?? null) : null));
  const over = recent !== null && recent.latencyP50Ms !== null ? recent : null;
  const shown = (line: Shown): string => line.format(valueOf(line.name, read, over));
  const readings = lines.map((line) => `${line.words} ${shown(line)}`).join(', ');
  const limits = useMemo(() => (isLatency ? limitsOf(promises) : []), [isLatency, promises]);
  return (
    <figure className="instrument">
      <figcaption>
        <h3>
          {instrument.title}{' '}
          <span className="unit">
            {instrument.unit}
            {over === null ? null : ` over ${spanWords(over)}`}
          </span>
        </h3>
        <dl className="readings">
          {lines.map((line) => (
            <div className="reading" key={line.name}>
              <dt>
                <span className={`swatch tone-${line.tone}`} aria-hidden="true" />
                {line.words}
              </dt>
              <dd>{shown(line)}</dd>
            </div>
          ))}
        </dl>
      </figcaption>
      <Chart
        label={`${instrument.title}, ${instrument.unit}, over the last ${formatDuration(lengthSeconds * 1000)}: ${readings}`}
        columns={columns}
        window={window}
        lines={lines}
        top={(largest) => most ?? axisTop(Math.max(least, reachOf(largest, limits) * 1.05))}
        tick={instrument.tick}
        marks={marks}
        limits={limits}
        readAtMs={readAtMs}
        onRead={onRead}
      />
    </figure>
  );
}
