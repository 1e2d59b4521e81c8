import { headOf, html, htmlPage, section } from '../../report/html-page.ts';
import { limitsPlot, plotStyle, type PlotLine } from './plan-plot.ts';
import type { PlanReport } from '../../../core/packing/plan-ahead/plan-report.ts';
import { fullLines, headLines, remedyText, weekHead, weekRow } from './plan-text.ts';

/** Returns one page that needs nothing else: when the pool is full, plots with intervals, and the table of all weeks. */
export function planHtml(report: PlanReport): string {
  const { services, weeks, devices, devicesDown, currency, remedies, until, notes } = report;
  const title = `Capacity plan of ${report.pool}`;
  const days = weeks.map(({ from }) => from);
  const lines: readonly PlotLine[] = [
    { value: devices, label: `${devices} devices` },
    ...(devicesDown > 0
      ? [{ value: devices - devicesDown, label: `${devices - devicesDown} with the largest loss` }]
      : []),
  ];
  const money = weeks.flatMap(({ micros }) => (micros === null ? [] : [scale(micros, 1e-6)]));
  const body = `<h1>${html(title)}</h1>
${paragraphs(headLines(report))}
${paragraphs(fullLines(report))}
${limitsPlot({ name: 'devices that replicas hold', days, limits: weeks.map((week) => week.devices), lines, mark: report.full.notFound })}
${services.map(({ name }, at) => limitsPlot({ name: `replicas of ${name}`, days, limits: weeks.flatMap(({ replicas }) => replicas.slice(at, at + 1)), lines: [], mark: null })).join('\n')}
${money.length === weeks.length && currency !== null ? limitsPlot({ name: `${currency} a week`, days, limits: money, lines: [], mark: null }) : ''}
${remedies.length === 0 ? '' : `<h2>What makes it last longer</h2>${list(remedies.map((each) => remedyText(each, currency, until)))}`}
${section('Weeks', `<table>${headOf(weekHead(report))}<tbody>${weeks.map((week) => row(weekRow(week, report))).join('\n')}</tbody></table>`)}
<h2>What it rests on</h2>
${list(services.flatMap(({ name, from }) => from.map((text) => `${name}: ${text}`)))}
<p class="quiet">Bands hold 90% of ${report.draws} draws (seed ${report.seed}).</p>
${list(notes)}`;
  return htmlPage(title, plotStyle, body);
}

const scale = ({ lower, estimate, upper }: PlanReport['weeks'][number]['devices'], by: number) => ({
  lower: lower * by,
  estimate: estimate * by,
  upper: upper * by,
});

const paragraphs = (lines: readonly string[]): string => lines.map((line) => `<p>${html(line)}</p>`).join('\n');
const list = (lines: readonly string[]): string =>
  lines.length === 0 ? '' : `<ul>${lines.map((line) => `<li>${html(line)}</li>`).join('')}</ul>`;
const row = (cells: readonly string[]): string => `<tr>${cells.map((cell) => `<td>${html(cell)}</td>`).join('')}</tr>`;
