import type { CalibrationBin } from '../../core/evaluation/calibration.ts';
import { confusionShares, shownLimits, shownValue, type EvaluationReport } from '../../core/evaluation/report.ts';
import { visibleLine, visiblePlain } from '../../core/units/visible-text.ts';
import {
  changedText,
  gateRows,
  heads,
  latencyText,
  metricRows,
  sliceRows,
  subjectText,
} from './evaluation-findings.ts';

const style = `
:root { color-scheme: light dark; --back: #fff; --front: #1b1f24; --quiet: #57606a; --line: #d0d7de; --pass: #116329; --fail: #a40e26; --warn: #7d4e00; --fill: 9, 105, 218; }
@media (prefers-color-scheme: dark) { :root { --back: #0d1117; --front: #e6edf3; --quiet: #9da7b3; --line: #30363d; --pass: #56d364; --fail: #ff7b72; --warn: #e3b341; --fill: 88, 166, 255; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 1.5rem 1rem 4rem; background: var(--back); color: var(--front); font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; line-height: 1.25; overflow-wrap: anywhere; } h2 { margin-top: 2.5rem; font-size: 1.15rem; }
.quiet { color: var(--quiet); }
.pass, .better { color: var(--pass); } .fail, .worse { color: var(--fail); } .inconclusive, .unknown, .other { color: var(--warn); }
.scroll { overflow-x: auto; } .scroll:focus-visible { outline: 2px solid rgb(var(--fill)); }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
.scroll table:not(.matrix) td { min-width: 5.5rem; } .scroll table:not(.matrix) td:last-child:not(:nth-child(-n+4)) { min-width: 16rem; }
.scroll table:not(.matrix) td:not(:first-child):not(:last-child) { white-space: nowrap; }
thead th { color: var(--quiet); font-weight: 600; white-space: nowrap; }
.matrix th, .matrix td { padding: .3rem .5rem; text-align: right; }
.rows { display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); gap: .75rem; padding: 0; list-style: none; }
.rows li { padding: .6rem; border: 1px solid var(--line); border-radius: 6px; overflow-wrap: anywhere; }
.rows img { display: block; width: 84px; height: 84px; margin-bottom: .4rem; image-rendering: pixelated; background: #000; }
svg { max-width: 100%; height: auto; } svg text { fill: var(--quiet); font-size: 12px; }
`;

/** One page that needs nothing else: no script, no network, light and dark, as wide as a phone. */
export function evaluationHtml(report: EvaluationReport): string {
  const title = `Evaluation of ${report.candidate.model} version ${report.candidate.version}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${html(title)}: ${report.verdict}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${html(title)}: <span class="${report.verdict}">${report.verdict}</span></h1>
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
<p>${html(latencyText(report))}</p>
</main>
</body>
</html>
`;
}

const verdicts = new Set(['pass', 'fail', 'inconclusive', 'unknown']);

function table(title: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const cells = (row: readonly string[]): string =>
    row.map((text) => `<td${verdicts.has(text) ? ` class="${text}"` : ''}>${html(text)}</td>`).join('');
  const body = rows.map((row) => `<tr>${cells(row)}</tr>`).join('\n');
  return section(title, `<table>${headOf(head)}<tbody>${body}</tbody></table>`);
}

const headOf = (head: readonly string[]): string =>
  `<thead><tr>${head.map((text) => `<th scope="col">${html(text)}</th>`).join('')}</tr></thead>`;
/** What is wider than the page scrolls on its own, also by the keyboard. */
const section = (title: string, content: string): string =>
  `<h2>${html(title)}</h2>\n<div class="scroll" tabindex="0" role="region" aria-label="${html(title)}">${content}</div>`;

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

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const html = (text: string): string =>
  visiblePlain(visibleLine(text)).replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');
