import type { CalibrationBin } from '../../core/evaluation/metrics/calibration.ts';
import { confusionShares, shownLimits, shownValue, type EvaluationReport } from '../../core/evaluation/report.ts';
import {
  changedText,
  gateRows,
  heads,
  latencyText,
  metricRows,
  sliceRows,
  subjectText,
} from './evaluation-findings.ts';
import { headOf, html, htmlPage, section } from '../report/html-page.ts';

const style = `
.pass, .better { color: var(--pass); } .fail, .worse { color: var(--fail); } .inconclusive, .unknown, .other { color: var(--warn); }
.scroll table:not(.matrix) td { min-width: 5.5rem; } .scroll table:not(.matrix) td:last-child:not(:nth-child(-n+4)) { min-width: 16rem; }
.scroll table:not(.matrix) td:not(:first-child):not(:last-child) { white-space: nowrap; }
.matrix th, .matrix td { padding: .3rem .5rem; text-align: right; }
.rows { display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); gap: .75rem; padding: 0; list-style: none; }
.rows li { padding: .6rem; border: 1px solid var(--line); border-radius: 6px; overflow-wrap: anywhere; }
.rows img { display: block; width: 84px; height: 84px; margin-bottom: .4rem; image-rendering: pixelated; background: #000; }
`;

/** One page that needs nothing else: no script, no network, light and dark, as wide as a phone. */
export function evaluationHtml(report: EvaluationReport): string {
  const title = `Evaluation of ${report.candidate.model} version ${report.candidate.version}`;
  return htmlPage(
    `${title}: ${report.verdict}`,
    style,
    `<h1>${html(title)}: <span class="${report.verdict}">${report.verdict}</span></h1>
<p>${html(subjectText(report))}, for service ${html(report.service)} in ${html(report.environment)}</p>
<ul>${report.reasons.map((reason) => `<li>${html(reason)}</li>`).join('')}</ul>
<p class="quiet">${report.reasoning.map(html).join('<br>')}</p>
${table('Gates', heads.gates, gateRows(report))}
${table('Metrics', heads.metrics, metricRows(report))}
${table('Slices, worst first', heads.slices, sliceRows(report))}
${confusion(report)}
${calibration(report.calibration)}
${changed(report)}
<h2>Latency</h2>
<p>${html(latencyText(report))}</p>`,
  );
}

const verdicts = new Set(['pass', 'fail', 'inconclusive', 'unknown']);

function table(title: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const cells = (row: readonly string[]): string =>
    row.map((text) => `<td${verdicts.has(text) ? ` class="${text}"` : ''}>${html(text)}</td>`).join('');
  const body = rows.map((row) => `<tr>${cells(row)}</tr>`).join('\n');
  return section(title, `<table>${headOf(head)}<tbody>${body}</tbody></table>`);
}

function confusion({ confusion: matrix }: EvaluationReport): string {
  if (matrix === null) return '';
  const shares = confusionShares(matrix.counts);
  const rows = matrix.counts.map((counts, label) => {
    const total = Math.max(
      1,
      counts.reduce((sum, count) => sum + count, 0),
    );
    const cells = counts.map((count, answer) => {
      const share = (0.75 * count) / total;
      const found = shares[label]?.[answer] ?? null;
      const title = found === null ? '' : ` title="${shownValue(found.share)} of the label, ${shownLimits(found)}"`;
      return `<td style="background: rgba(var(--fill), ${share.toFixed(3)})"${title}>${count}</td>`;
    });
    return `<tr><th scope="row">${html(matrix.classes[label] ?? '')}</th>${cells.join('')}</tr>`;
  });
  const rightly = matrix.classes.map((name, label) => {
    const found = shares[label]?.[label] ?? null;
    return [name, found === null ? '-' : shownValue(found.share), found === null ? 'no rows' : shownLimits(found)];
  });
  const rightRows = rightly.map((row) => `<tr>${row.map((text) => `<td>${html(text)}</td>`).join('')}</tr>`).join('');
  const head95 = headOf(['label', 'answered rightly', 'one-sided 95% limits']);
  const note = `<p class="quiet">Rows are labels, columns are answers. A cell's title has its share of the label's rows, with one-sided 95% limits.</p>
<details><summary>The shares answered rightly</summary><table>${head95}<tbody>${rightRows}</tbody></table></details>`;
  const head = headOf(['label', ...matrix.classes]);
  return `${section('Confusion matrix', `<table class="matrix">${head}<tbody>${rows.join('\n')}</tbody></table>`)}\n${note}`;
}

/** Share of right answers over the probability of the answered class; a calibrated model is on the diagonal. */
function calibration(bins: readonly CalibrationBin[] | null): string {
  if (bins === null) return '';
  const filled = bins.filter(({ rows }) => rows > 0);
  const most = Math.max(1, ...filled.map(({ rows }) => rows));
  const x = (share: number): string => (50 + share * 300).toFixed(1);
  const y = (share: number): string => (320 - share * 300).toFixed(1);
  const dots = filled.map(({ meanConfidence, accuracy, accuracyLower, accuracyUpper, rows }) => {
    const words = `${rows} rows: probability ${(meanConfidence ?? 0).toFixed(3)}, right ${(accuracy ?? 0).toFixed(3)}`;
    const middle = x(meanConfidence ?? 0);
    const whisker = `<line x1="${middle}" y1="${y(accuracyLower)}" x2="${middle}" y2="${y(accuracyUpper)}" stroke="rgb(var(--fill))"/>`;
    const radius = (3 + 7 * Math.sqrt(rows / most)).toFixed(1);
    return `${whisker}<circle cx="${x(meanConfidence ?? 0)}" cy="${y(accuracy ?? 0)}" r="${radius}" fill="rgba(var(--fill), .7)"><title>${words}</title></circle>`;
  });
  const ticks = [0, 0.25, 0.5, 0.75, 1].map(
    (share) =>
      `<text x="${x(share)}" y="338" text-anchor="middle">${share}</text><text x="42" y="${Number(y(share)) + 4}" text-anchor="end">${share}</text>`,
  );
  const rows = filled.map((bin) => [
    `${bin.fromShare.toFixed(2)} to ${bin.toShare.toFixed(2)}`,
    String(bin.rows),
    (bin.meanConfidence ?? 0).toFixed(3),
    (bin.accuracy ?? 0).toFixed(3),
    `${bin.accuracyLower.toFixed(3)} to ${bin.accuracyUpper.toFixed(3)}`,
  ]);
  const plot = `<svg viewBox="0 0 370 365" width="370" height="365" role="img" aria-label="Calibration: share of right answers over probability, the numbers are in the table below">
<rect x="50" y="20" width="300" height="300" fill="none" stroke="var(--line)"/>
<line x1="50" y1="320" x2="350" y2="20" stroke="var(--quiet)" stroke-dasharray="4 4"/>
${[...ticks, ...dots].join('\n')}
<text x="200" y="358" text-anchor="middle">probability of the answered class</text>
<text x="14" y="170" text-anchor="middle" transform="rotate(-90 14 170)">share of right answers</text>
</svg>`;
  const body = rows.map((row) => `<tr>${row.map((text) => `<td>${text}</td>`).join('')}</tr>`).join('');
  const numbers = `<details><summary>The numbers</summary><table>${headOf(['probability', 'rows', 'mean', 'right', 'one-sided 95% limits'])}<tbody>${body}</tbody></table></details>`;
  return section('Calibration', `${plot}${numbers}`);
}

function changed(report: EvaluationReport): string {
  const rows = report.changed;
  if (rows === null) return '';
  const items = rows.shown.map((one) => {
    const image =
      one.image === undefined
        ? ''
        : `<img src="${html(one.image)}" alt="input of row ${one.row}" width="84" height="84">`;
    return `<li>${image}<span class="${one.change}">${one.change}</span>, row ${one.row}<br>label ${html(one.label)}<br>${html(one.baseline)} → ${html(one.candidate)}</li>`;
  });
  const more = rows.rows > rows.shown.length ? `<p class="quiet">and ${rows.rows - rows.shown.length} more</p>` : '';
  return `<h2>Rows that changed their answer</h2>\n<p>${html(changedText(report) ?? '')}</p>\n<ul class="rows">${items.join('\n')}</ul>${more}`;
}
