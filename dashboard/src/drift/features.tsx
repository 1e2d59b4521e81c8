import type { ReactNode } from 'preact/compat';
import { memo, useMemo, useRef, useState } from 'preact/compat';
import type { DriftHistory, FeatureHistory } from '../../../src/core/monitoring/watch/inputs/feature-history.ts';
import { feed } from '../live/browser.ts';
import { counted, formatDuration } from '../parts/format.ts';
import { CrossGlyph } from '../parts/glyphs.tsx';
import { Time } from '../parts/time.tsx';
import { capitalWords, referenceWords, seriesWords, steadyOrder, valueWords } from './drift-story.ts';
import {
  alarmPlaces,
  newestEvidence,
  placeOf,
  plotEvidence,
  plotFeature,
  spanOf,
  type Span,
  topOfEvidence,
} from './feature-plot.ts';
import { allWindows, fewWindows } from './known-drift.ts';

/** Two rows of three; the rest is folded away. */
const shownFirst = 6;

/** All evidence over time, then each feature beside its reference, worst first. */
export function Features({ history }: { readonly history: DriftHistory }): ReactNode {
  const [isOpen, setOpen] = useState(false);
  const [windows, setWindows] = useState(fewWindows);
  const order = useRef<readonly string[]>([]);
  const features = useMemo(() => steadyOrder(order.current, history.features), [history]);
  order.current = features.map(({ name }) => name);
  const span = spanOf(history);
  if (span === null) {
    return <p className="drift-none">No window is full yet: features over time are drawn from the first one on.</p>;
  }
  const folded = Math.max(0, features.length - shownFirst);
  const choose = (last: number): void => {
    setWindows(last);
    void feed.chooseDriftWindows(last);
  };
  return (
    <div className="drift-time">
      <div className="drift-time-head">
        <h3>
          Over time <span className="unit">{spanWords(history, span)}</span>
        </h3>
        <div className="steering-orders" role="group" aria-label="Windows that are shown">
          {[fewWindows, allWindows].map((last) => (
            <button
              key={last}
              type="button"
              className="quiet"
              aria-pressed={windows === last}
              onClick={() => choose(last)}
            >
              {last === fewWindows ? `newest ${fewWindows} windows` : 'all that are kept'}
            </button>
          ))}
        </div>
      </div>
      <TotalEvidence history={history} span={span} />
      {/* By place, not by name: another order is other words in the same places, and nothing jumps. */}
      <div className="drift-features">
        {features.slice(0, isOpen ? features.length : shownFirst).map((feature, at) => (
          <Feature key={at} feature={feature} history={history} span={span} />
        ))}
      </div>
      {folded === 0 ? null : (
        <button type="button" className="more" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? `show ${shownFirst} only` : `${folded} more`}
          <span className="unseen"> features</span>
        </button>
      )}
      {history.more === 0 ? null : (
        <p className="sub">
          {counted(history.more, 'further feature')} are watched and were calmer than these: <code>plimsoll drift</code>
          .
        </p>
      )}
    </div>
  );
}

const spanWords = ({ atMs }: DriftHistory, { fromMs, toMs }: Span): string =>
  `${counted(atMs.length, 'window')} in ${formatDuration(toMs - fromMs)}`;

interface DrawnProps {
  readonly history: DriftHistory;
  readonly span: Span;
}

function TotalEvidence({ history, span }: DrawnProps): ReactNode {
  const { trail } = history;
  const newest = newestEvidence(trail, null);
  const alarms = alarmPlaces(trail, { name: null, group: null }, span);
  const words = newest === null ? 'nothing known yet' : `${capitalWords(newest)} of 1`;
  const raised = alarms.length === 0 ? 'no alarm' : counted(alarms.length, 'alarm');
  return (
    <figure className="drift-total">
      <figcaption>
        <h4>
          Evidence <span className="unit">of all detectors, logarithmic; 1 raises an alarm</span>
        </h4>
        <span className="drift-reading">{words}</span>
      </figcaption>
      <div className="drift-plot drift-plot-total">
        <svg viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label={`Evidence: ${words}, ${raised}`}>
          <Evidence path={plotEvidence(trail, null, span)} alarms={alarms} begins={beginsAt(history, span)} />
        </svg>
        <span className="drift-threshold" style={{ top: `${topOfEvidence(1)}%` }}>
          alarm at 1
        </span>
      </div>
      <p className="drift-axis sub" aria-hidden="true">
        <Time atMs={span.fromMs} exact />
        <Time atMs={span.toMs} exact />
      </p>
    </figure>
  );
}

const Feature = memo(function Feature({
  feature,
  history,
  span,
}: DrawnProps & { readonly feature: FeatureHistory }): ReactNode {
  const { atMs, trail } = history;
  const { name, group, isLatched, capitalShare, values } = feature;
  const plot = plotFeature(feature, atMs, span);
  const alarms = alarmPlaces(trail, { name, group }, span);
  const now = valueWords(values.findLast((value) => value !== null) ?? null, feature);
  const said = `${seriesWords(feature)} ${now}, ${referenceWords(feature)}`;
  const { historyFromMs = history.historyFromMs } = feature;
  const begins = beginsAt({ historyFromMs }, span);
  return (
    <figure className="drift-feature" data-alarm={isLatched || undefined}>
      <figcaption>
        <h4 title={name}>
          {isLatched ? <CrossGlyph /> : null}
          <span className="line">{name}</span>
          {isLatched ? <span className="flag flag-bad">alarm</span> : null}
        </h4>
        <span className="drift-reading">{now}</span>
      </figcaption>
      <p className="sub line" title={said}>
        {seriesWords(feature)}; {referenceWords(feature)}
      </p>
      <div className="drift-plot drift-plot-value">
        <svg viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label={`${name}: ${said}`}>
          {plot.band === null ? null : (
            <>
              <rect className="drift-band" x="0" width="100" y={plot.band.top} height={plot.band.height} />
              <line className="drift-middle" x1="0" x2="100" y1={plot.band.middle} y2={plot.band.middle} />
            </>
          )}
          {begins === null ? null : <line className="drift-begins" x1={begins} x2={begins} y1="0" y2="100" />}
          {alarms.map((x) => (
            <line key={x} className="drift-mark" x1={x} x2={x} y1="0" y2="100" />
          ))}
          {plot.line === null ? null : <path className="drift-line" d={plot.line} />}
          {plot.dots.map(({ x, y }) => (
            <path key={x} className="drift-dot" d={`M${x} ${y}l0.01 0`} />
          ))}
        </svg>
        {plot.line === null ? <span className="drift-nothing">no value in these windows</span> : null}
      </div>
      <div className="drift-plot drift-plot-evidence">
        <svg
          viewBox="0 0 100 100"
          preserveAspectRatio="none"
          role="img"
          aria-label={`Evidence of ${name}: ${capitalWords(capitalShare)} of 1`}
        >
          <Evidence path={plotEvidence(trail, name, span)} alarms={alarms} begins={begins} />
        </svg>
      </div>
      <p className="sub drift-evidence-words">
        {isLatched
          ? 'no evidence is gathered until the alarm is acknowledged'
          : `evidence ${capitalWords(capitalShare)} of 1`}
      </p>
    </figure>
  );
});

interface EvidenceProps {
  readonly path: string;
  readonly alarms: readonly number[];
  readonly begins: number | null;
}

function Evidence({ path, alarms, begins }: EvidenceProps): ReactNode {
  const threshold = topOfEvidence(1);
  return (
    <>
      <rect className="drift-beyond" x="0" width="100" y="0" height={threshold} />
      {begins === null ? null : <line className="drift-begins" x1={begins} x2={begins} y1="0" y2="100" />}
      {path === '' ? null : <path className="drift-capital" d={path} />}
      {alarms.map((x) => (
        <line key={x} className="drift-mark" x1={x} x2={x} y1="0" y2="100" />
      ))}
      <line className="drift-limit" x1="0" x2="100" y1={threshold} y2={threshold} />
    </>
  );
}

/** Where a new history began within what is drawn; null where it began before. */
function beginsAt({ historyFromMs }: Pick<DriftHistory, 'historyFromMs'>, span: Span): number | null {
  return historyFromMs === null || historyFromMs <= span.fromMs ? null : placeOf(historyFromMs, span);
}
