import type { ReactNode } from 'preact/compat';
import { useCallback, useMemo, useState } from 'preact/compat';
import type { ReleaseSummary, ScalingDecisionView, ScalingView, SignalSample } from '../../../src/schemas/view/view.ts';
import { axisTop } from '../parts/axis-top.ts';
import { Chart, type ChartLine } from '../parts/chart.tsx';
import { formatClock, formatCount, formatDuration, formatShare } from '../parts/format.ts';
import { type ReplicaCount, stepAt } from '../replicas/replica-history.ts';
import { DecisionRail } from './scaling-rail.tsx';
import { desiredSteps, replicaColumns } from './scaling-story.ts';
import { columnsOf, keptSeconds, sampleAt, type SignalName, type SignalWindow } from '../signals/signal-window.ts';

interface ScalingChartsProps {
  readonly scaling: ScalingView;
  readonly decisions: readonly ScalingDecisionView[];
  readonly counts: readonly ReplicaCount[];
  readonly samples: readonly SignalSample[];
  readonly window: SignalWindow;
  readonly releases: readonly ReleaseSummary[];
  /** `seq` of the decision that is looked at. */
  readonly chosen: number | null;
  readonly onChoose: (seq: number | null) => void;
}

/** What came, and what was made of it: three charts over one stretch of time, read at one moment. */
export function ScalingCharts(props: ScalingChartsProps): ReactNode {
  const { scaling, decisions, counts, samples, window, releases, chosen, onChoose } = props;
  const [hoveredMs, setHoveredMs] = useState<number | null>(null);
  const onRead = useCallback((atMs: number | null) => setHoveredMs(atMs), []);
  const { fromMs, toMs } = window;
  const desired = useMemo(() => desiredSteps(decisions, scaling, fromMs), [decisions, scaling, fromMs]);
  const columns = useMemo(() => replicaColumns(counts, desired, toMs), [counts, desired, toMs]);
  const marks = useMemo(
    () => releases.slice(0, 8).map(({ createdAtMs, number }) => ({ atMs: createdAtMs, label: `R${number}` })),
    [releases],
  );
  const chosenMs = decisions.find(({ seq }) => seq === chosen)?.atMs ?? null;
  const readMs = hoveredMs ?? chosenMs ?? toMs;
  const sample = sampleAt(samples, readMs);
  const count = stepAt(counts, readMs);
  const shared = { marks, readAtMs: hoveredMs === null ? chosenMs : null, onRead, group: 'scaling' };
  const known = useMemo(() => ({ fromMs, toMs, unknown: [] }), [fromMs, toMs]);
  return (
    <div className="scaling-charts">
      <Instrument
        title="Replicas"
        unit={readMs === toMs ? 'now' : formatClock(readMs)}
        className="scaling-replicas"
        readings={[
          { words: 'desired', tone: 'ink', text: formatCount(stepAt(desired, readMs)?.desired ?? null) },
          { words: 'ready', tone: 'sea', text: formatCount(count?.ready ?? null) },
          { words: 'loading', tone: 'warm', text: formatCount(count?.loading ?? null) },
        ]}
        chart={{
          ...shared,
          columns,
          window: known,
          lines: replicaLines,
          top: (largest) => axisTop(Math.max(2, largest * 1.1)),
          steps: wholeSteps,
          tick: formatCount,
        }}
      />
      <DecisionRail decisions={decisions} window={known} chosen={chosen} onChoose={onChoose} />
      <SignalInstrument
        title="Arrivals and queue"
        unit="requests a second, requests"
        lines={demandLines}
        {...{ window, sample, shared }}
      />
      <SignalInstrument
        title="Batch fill"
        unit="of the largest batch"
        lines={fillLines}
        {...{ window, sample, shared }}
      />
    </div>
  );
}

const replicaLines: readonly ChartLine[] = [
  { tone: 'sea', filled: true, stepped: true },
  { tone: 'warm', stepped: true },
  { tone: 'ink', stepped: true, dashed: true },
];

interface SignalLine extends ChartLine {
  readonly name: SignalName;
  readonly words: string;
  readonly format: (value: number | null) => string;
}

const demandLines: readonly SignalLine[] = [
  { name: 'requestsPerSecond', words: 'arrivals', tone: 'sea', filled: true, format: formatCount },
  { name: 'queueDepth', words: 'queued', tone: 'warm', format: formatCount },
];
const fillLines: readonly SignalLine[] = [
  { name: 'batchFillShare', words: 'fill', tone: 'sea', filled: true, format: formatShare },
];

/** There is no half a replica. */
const wholeSteps = [1, 2, 5, 10, 20, 50, 100, 200, 500];

type ChartProps = Parameters<typeof Chart>[0];

interface SignalInstrumentProps {
  readonly title: string;
  readonly unit: string;
  readonly lines: readonly SignalLine[];
  readonly window: SignalWindow;
  readonly sample: SignalSample | null;
  readonly shared: Pick<ChartProps, 'marks' | 'readAtMs' | 'onRead' | 'group'>;
}

function SignalInstrument({ title, unit, lines, window, sample, shared }: SignalInstrumentProps): ReactNode {
  const columns = useMemo(
    () =>
      columnsOf(
        window,
        lines.map(({ name }) => name),
      ),
    [window, lines],
  );
  const isShare = lines === fillLines;
  return (
    <Instrument
      title={title}
      unit={unit}
      className={isShare ? 'scaling-signal' : 'scaling-signal scaling-demand'}
      readings={lines.map(({ name, words, tone, format }) => ({ words, tone, text: format(sample?.[name] ?? null) }))}
      chart={{
        ...shared,
        columns,
        window,
        lines,
        top: (largest) => (isShare ? 1 : axisTop(Math.max(10, largest * 1.05))),
        tick: isShare ? formatShare : formatCount,
      }}
    />
  );
}

interface InstrumentProps {
  readonly title: string;
  readonly unit: string;
  readonly className: string;
  readonly readings: readonly { readonly words: string; readonly tone: ChartLine['tone']; readonly text: string }[];
  readonly chart: Omit<ChartProps, 'label'>;
}

function Instrument({ title, unit, className, readings, chart }: InstrumentProps): ReactNode {
  const said = readings.map(({ words, text }) => `${words} ${text}`).join(', ');
  return (
    <figure className={`instrument ${className}`}>
      <figcaption>
        <h3>
          {title} <span className="unit">{unit}</span>
        </h3>
        <dl className="readings">
          {readings.map(({ words, tone, text }) => (
            <div className="reading" key={words}>
              <dt>
                <span className={`swatch tone-${tone}`} aria-hidden="true" />
                {words}
              </dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
      </figcaption>
      <Chart {...chart} label={`${title} over the last ${formatDuration(keptSeconds * 1000)}: ${said}`} />
    </figure>
  );
}
