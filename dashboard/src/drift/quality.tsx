import type { ReactNode } from 'preact/compat';
import type { JudgedMetric, LabelsReport } from '../../../src/core/monitoring/labels/judge-labels.ts';
import type { LabelsStatus } from '../../../src/schemas/http/monitoring/http-labels.ts';
import { Command } from '../parts/copy.tsx';
import { counted, formatDuration, formatShare, formatWhole } from '../parts/format.ts';
import { VerdictGlyph } from '../parts/glyphs.tsx';
import { Words } from '../parts/words.tsx';
import { boundsWords, delayWords, riskWords, scaleOf } from './quality-scale.ts';

/** How good the answers are, as far as labels that came late tell. */
export function Quality({ labels }: { readonly labels: LabelsStatus | null }): ReactNode {
  const report = labels?.report ?? null;
  return (
    <section className="drift-panel" aria-labelledby="drift-quality-title">
      <h3 id="drift-quality-title">
        Quality <span className="unit">by labels</span>
      </h3>
      <div className="drift-scroll scroll-y" tabIndex={0} role="group" aria-labelledby="drift-quality-title">
        {report === null || labels === null ? (
          <WithoutLabels labels={labels} />
        ) : (
          <Judged report={report} labels={labels} />
        )}
      </div>
    </section>
  );
}

function WithoutLabels({ labels }: { readonly labels: LabelsStatus | null }): ReactNode {
  return (
    <div className="drift-unlabelled">
      <p>
        {labels === null
          ? 'Unknown: what came of labels could not be read.'
          : 'Unknown: no prediction is recorded that a label could be held against.'}
      </p>
      <p className="sub">
        <Words text="A contract asks for labels with `monitoring.labels`. They may come late." />
      </p>
      <Command text="plimsoll labels add FILE" />
    </div>
  );
}

function Judged({ report, labels }: { readonly report: LabelsReport; readonly labels: LabelsStatus }): ReactNode {
  const { metrics, unknown, rows, completenessShare, delays, cohorts, cohortMs, withinMs } = report;
  return (
    <>
      {metrics.map((metric) => (
        <Metric key={metric.metric} judged={metric} />
      ))}
      {unknown.map(({ metric, reason }) => (
        <p key={metric}>
          <span className="with-glyph">
            <VerdictGlyph verdict="unknown" /> <strong>{metric}</strong>
          </span>{' '}
          <Words text={reason} />
        </p>
      ))}
      <dl className="drift-labels">
        <Row name="cohorts that matured" value={`${formatWhole(cohorts)} of ${formatDuration(cohortMs)} each`} />
        <Row
          name="completeness"
          value={
            completenessShare === null
              ? `no prediction is ${formatDuration(withinMs)} old yet`
              : `${formatShare(completenessShare)}: ${formatWhole(rows.labelled)} of ${formatWhole(rows.mature)} mature predictions have a label`
          }
        />
        <Row
          name="still open"
          value={`${counted(labels.open.predictions, 'prediction')}, ${labels.open.labelled} with a label`}
        />
        <Row name="delay, right answers" value={delayWords(delays.right)} />
        <Row name="delay, wrong answers" value={delayWords(delays.wrong)} />
      </dl>
      {delays.differs === true ? (
        <p className="flag">
          Right and wrong answers get their labels after different times: early labels are no fair sample.
        </p>
      ) : null}
    </>
  );
}

const verdictWords = { pass: 'within', fail: 'beyond', inconclusive: 'undecided', unknown: 'unknown' } as const;

function Metric({ judged }: { readonly judged: JudgedMetric }): ReactNode {
  const { metric, verdict, reason, live, evaluated, limit, moreCohorts } = judged;
  const scale = scaleOf(judged);
  const words = `live risk ${boundsWords(live)}, evaluated ${boundsWords(evaluated)}, limit ${limit === null ? 'not known' : riskWords(limit)}`;
  return (
    <figure className="drift-metric">
      <figcaption>
        <h4>
          {metric} <span className="unit">risk, 95% limits</span>
        </h4>
        <span className={`with-glyph verdict-${verdict}`}>
          <VerdictGlyph verdict={verdict} /> {verdictWords[verdict]}
        </span>
      </figcaption>
      <svg
        className="drift-risk"
        viewBox="0 0 100 24"
        preserveAspectRatio="none"
        role="img"
        aria-label={`${metric}: ${words}`}
      >
        <line className="drift-middle" x1="0" x2="100" y1="12" y2="12" />
        {scale.evaluated === null ? null : (
          <rect
            className="drift-risk-evaluated"
            x={scale.evaluated.from}
            width={scale.evaluated.width}
            y="14"
            height="5"
          />
        )}
        {scale.live === null ? null : (
          <rect
            className={`drift-risk-live verdict-${verdict}`}
            x={scale.live.from}
            width={scale.live.width}
            y="4"
            height="7"
          />
        )}
        {scale.limit === null ? null : (
          <line className="drift-limit" x1={scale.limit} x2={scale.limit} y1="0" y2="24" />
        )}
      </svg>
      <dl className="drift-risk-words">
        <Row name="live" value={boundsWords(live)} />
        <Row name="evaluated" value={boundsWords(evaluated)} />
        <Row name="limit with the margin" value={limit === null ? 'not known' : riskWords(limit)} />
      </dl>
      {verdict === 'pass' ? null : (
        <p className="sub">
          <Words text={reason} />
          {moreCohorts === null || moreCohorts === 0 ? '' : `; about ${counted(moreCohorts, 'more cohort')} decide`}
        </p>
      )}
    </figure>
  );
}

function Row({ name, value }: { readonly name: string; readonly value: string }): ReactNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
