import type { ReactNode } from 'preact/compat';
import { useEffect, useRef } from 'preact/compat';
import uPlot from 'uplot';
import type { SignalWindow } from '../signals/signal-window.ts';
import { currentTheme, type Theme, watchTheme } from './theme.ts';

export interface ChartLine {
  readonly tone: 'sea' | 'bad' | 'warm' | 'ink';
  /** Filled down to zero: for the one quantity a chart is about. */
  readonly filled?: boolean;
  /** Holds from each moment to the next: a count that moves by whole replicas. */
  readonly stepped?: boolean;
  readonly dashed?: boolean;
}

export interface ChartProps {
  readonly label: string;
  readonly columns: readonly [number[], ...(number | null)[][]];
  readonly window: Pick<SignalWindow, 'fromMs' | 'toMs' | 'unknown'>;
  readonly lines: readonly ChartLine[];
  /** Top of the axis for the largest value shown. */
  readonly top: (largest: number) => number;
  readonly tick: (value: number) => string;
  /** Steps that the axis may have; any where it is absent. */
  readonly steps?: readonly number[];
  /** Moments to mark: `R4` where release 4 was made. */
  readonly marks: readonly { readonly atMs: number; readonly label: string }[];
  /** Limits that somebody promised, drawn across where the axis reaches them and named at its top where it does not. */
  readonly limits?: readonly { readonly value: number; readonly label: string }[];
  /** A moment to show; null for none. */
  readonly readAtMs: number | null;
  readonly onRead: (atMs: number | null) => void;
  /** Charts of one group are read at one moment. */
  readonly group?: string;
}

/** One uPlot on a canvas of reserved height; React hands it data, uPlot draws. */
export function Chart(props: ChartProps): ReactNode {
  const holder = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef(props);
  const showedCursor = useRef(false);
  useEffect(() => {
    latest.current = props;
  });

  useEffect(() => {
    const element = holder.current;
    if (element === null) return undefined;
    const options = optionsOf(latest, showedCursor, element);
    const made = new uPlot(options, [[], ...latest.current.lines.map(() => [])], element);
    plot.current = made;
    const watching = new ResizeObserver(() => made.setSize(sizeOf(element)));
    watching.observe(element);
    const unwatch = watchTheme(() => made.redraw());
    return () => {
      watching.disconnect();
      unwatch();
      made.destroy();
      plot.current = null;
    };
  }, []);

  const { columns, window, readAtMs } = props;
  useEffect(() => {
    const made = plot.current;
    if (made === null) return;
    made.batch(() => {
      made.setData([...columns], false);
      made.setScale('x', { min: window.fromMs / 1000, max: window.toMs / 1000 });
    });
  }, [columns, window]);
  useEffect(() => {
    const made = plot.current;
    if (made === null) return;
    if (readAtMs === null) {
      // Nobody reads a moment any more, and no pointer does.
      if (showedCursor.current && !made.root.matches(':hover')) made.setCursor({ left: -10, top: -10 }, false);
      showedCursor.current = false;
      return;
    }
    showedCursor.current = true;
    made.setCursor({ left: made.valToPos(readAtMs / 1000, 'x'), top: 0 }, false);
  }, [readAtMs, window]);

  return <div className="chart" ref={holder} role="img" aria-label={props.label} />;
}

function sizeOf(element: HTMLElement): { width: number; height: number } {
  return { width: Math.max(80, element.clientWidth), height: Math.max(60, element.clientHeight) };
}

function optionsOf(
  latest: { readonly current: ChartProps },
  showed: { readonly current: boolean },
  element: HTMLElement,
): uPlot.Options {
  const { lines, top, group = 'signals' } = latest.current;
  return {
    ...sizeOf(element),
    legend: { show: false },
    padding: [8, 14, 0, 0],
    cursor: {
      y: false,
      drag: { x: false, y: false },
      sync: { key: group },
      points: { size: 7 },
    },
    scales: { x: { time: true }, y: { range: (_plot, _min, max) => [0, top(Number.isFinite(max) ? max : 0)] } },
    axes: axes(latest),
    series: [{}, ...lines.map(seriesOf)],
    hooks: {
      drawClear: [(made) => shadeUnknown(made, latest.current)],
      draw: [(made) => drawMarks(made, latest.current), (made) => drawLimits(made, latest.current)],
      setCursor: [
        (made) => {
          // A cursor that shows the chosen moment is no pointer, though drawing anew tells of it too.
          if (!showed.current || made.root.matches(':hover')) latest.current.onRead(readMoment(made));
        },
      ],
    },
  };
}

function axes(latest: { readonly current: ChartProps }): uPlot.Axis[] {
  const look = {
    stroke: () => currentTheme().dim,
    ticks: { show: false },
    grid: { stroke: () => currentTheme().rule, width: 1 },
  };
  const font = currentTheme().font;
  return [
    {
      ...look,
      font,
      size: 22,
      gap: 4,
      space: 56,
      incrs: [60, 120, 600, 3600, 7200, 10_800, 21_600],
      values: (_plot, splits) => splits.map(minuteOf),
      grid: { show: false },
    },
    {
      ...look,
      font,
      size: 38,
      ...(latest.current.steps === undefined ? {} : { incrs: [...latest.current.steps] }),
      gap: 6,
      space: 34,
      values: (_plot, splits) => splits.map((split) => latest.current.tick(split)),
    },
  ];
}

function minuteOf(seconds: number): string {
  const at = new Date(seconds * 1000);
  return `${String(at.getHours()).padStart(2, '0')}:${String(at.getMinutes()).padStart(2, '0')}`;
}

const steppedPath = uPlot.paths.stepped?.({ align: 1 });

function seriesOf(line: ChartLine): uPlot.Series {
  const stroke = (): string => currentTheme()[line.tone];
  return {
    stroke,
    width: line.filled === true ? 1.75 : 1.25,
    points: { size: 4, width: 1, fill: stroke, ...(line.stepped === true ? { show: false } : {}) },
    ...(line.dashed === true ? { dash: [5, 4] } : {}),
    ...(line.stepped === true && steppedPath !== undefined ? { paths: steppedPath } : {}),
    ...(line.filled === true
      ? { fill: () => `color-mix(in srgb, ${currentTheme()[line.tone]} 12%, transparent)` }
      : {}),
  };
}

/** The moment under the cursor, in milliseconds; null when it is not over a chart. */
function readMoment(made: uPlot): number | null {
  const left = made.cursor.left ?? -1;
  return left < 0 ? null : made.posToVal(left, 'x') * 1000;
}

/** Time of which nothing is known is tinted, so that an empty stretch is not read as a quiet one. */
function shadeUnknown(made: uPlot, { window, columns }: ChartProps): void {
  const { ctx, bbox } = made;
  ctx.save();
  ctx.fillStyle = currentTheme().unknown;
  for (const { fromMs, toMs } of window.unknown) {
    const left = Math.max(bbox.left, made.valToPos(fromMs / 1000, 'x', true));
    const right = Math.min(bbox.left + bbox.width, made.valToPos(toMs / 1000, 'x', true));
    if (right > left) ctx.fillRect(left, bbox.top, right - left, bbox.height);
  }
  if (columns[0].length === 0) writeNothing(made);
  ctx.restore();
}

function writeNothing({ ctx, bbox }: uPlot): void {
  const { dim, font } = currentTheme();
  ctx.fillStyle = dim;
  ctx.font = scaledFont(font, 12);
  ctx.textAlign = 'center';
  ctx.textBaseline = 'middle';
  // Above the middle, where a line of the grid would strike it through.
  ctx.fillText('nothing known yet', bbox.left + bbox.width / 2, bbox.top + bbox.height * 0.36);
}

/** A canvas draws in the screen's own pixels. */
function scaledFont(font: string, sizePx: number): string {
  return font.replace('11px', `${sizePx * devicePixelRatio}px`);
}

function drawLimits(made: uPlot, { limits = [] }: ChartProps): void {
  const { ctx, bbox } = made;
  const { bad, dim, font, paper } = currentTheme();
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.font = scaledFont(font, 10);
  ctx.textAlign = 'right';
  ctx.lineWidth = ratio;
  ctx.setLineDash([6 * ratio, 4 * ratio]);
  const right = bbox.left + bbox.width - 2 * ratio;
  for (const { value, label } of limits) {
    const isReached = value <= (made.scales['y']?.max ?? 0);
    const y = isReached ? Math.round(made.valToPos(value, 'y', true)) : bbox.top;
    if (isReached) {
      ctx.strokeStyle = bad;
      ctx.beginPath();
      ctx.moveTo(bbox.left, y);
      ctx.lineTo(bbox.left + bbox.width, y);
      ctx.stroke();
    }
    const isHigh = y - bbox.top < 14 * ratio;
    const text = isReached ? label : `${label}, above`;
    const textTop = isHigh ? y + 2 * ratio : y - 14 * ratio;
    // Lines run behind the words, not through them.
    ctx.fillStyle = paper;
    ctx.fillRect(
      right - ctx.measureText(text).width - 2 * ratio,
      textTop,
      ctx.measureText(text).width + 4 * ratio,
      12 * ratio,
    );
    ctx.fillStyle = isReached ? bad : dim;
    ctx.textBaseline = 'top';
    ctx.fillText(text, right, textTop + ratio);
  }
  ctx.restore();
}

const markLabelWidth = 26;

/** Newest first: where two are too close, the newer one keeps its label. */
function drawMarks(made: uPlot, { marks, window }: ChartProps): void {
  const theme: Theme = currentTheme();
  const { ctx, bbox } = made;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = theme.dim;
  ctx.lineWidth = ratio;
  ctx.setLineDash([3 * ratio, 3 * ratio]);
  ctx.font = scaledFont(theme.font, 10);
  ctx.textAlign = 'left';
  ctx.textBaseline = 'top';
  let labelledX = Number.POSITIVE_INFINITY;
  for (const mark of marks) {
    if (mark.atMs < window.fromMs || mark.atMs > window.toMs) continue;
    const x = Math.round(made.valToPos(mark.atMs / 1000, 'x', true));
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    if (labelledX - x < markLabelWidth * ratio) continue;
    const isAtEdge = x + markLabelWidth * ratio > bbox.left + bbox.width;
    ctx.textAlign = isAtEdge ? 'right' : 'left';
    const width = ctx.measureText(mark.label).width;
    // Lines run behind the words, not through them.
    ctx.fillStyle = theme.paper;
    ctx.fillRect(isAtEdge ? x - width - 4 * ratio : x + 2 * ratio, bbox.top + ratio, width + 2 * ratio, 12 * ratio);
    ctx.fillStyle = theme.dim;
    ctx.fillText(mark.label, x + (isAtEdge ? -3 : 3) * ratio, bbox.top + 2 * ratio);
    labelledX = x;
  }
  ctx.restore();
}
