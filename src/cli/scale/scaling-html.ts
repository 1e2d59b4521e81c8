import type { ScalingReport, SimulatedPolicy } from '../../core/scaling/simulation/score/scaling-report.ts';
import { formatElapsed } from '../../core/units/quantity/quantity-duration.ts';
import {
  clairvoyantRows,
  groundRows,
  idleText,
  paretoHead,
  paretoRows,
  policyHead,
  policyRow,
  secondsHead,
  secondsRow,
  shownPolicies,
  sweepHead,
  sweepRows,
} from './scale-simulate-text.ts';
import { headOf, html, htmlPage, scrolling, section } from '../report/html-page.ts';
import { keepAlivePlot, paretoPlot, plotStyle, timelinePlot } from './scaling-plots.ts';

const style = `${plotStyle}
.pass { color: var(--pass); } .fail { color: var(--fail); } .inconclusive, .unknown { color: var(--warn); }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: 1rem 0; }
.facts dt { color: var(--quiet); } .facts dd { margin: 0; overflow-wrap: anywhere; }
.scroll td { white-space: nowrap; } .scroll td.words { white-space: normal; min-width: 20rem; }
details { margin: .75rem 0; } summary { cursor: pointer; }
h3 { font-size: 1rem; margin: 1.5rem 0 .25rem; }
@media (max-width: 40rem) { .facts { grid-template-columns: 1fr; gap: 0; } .facts dd { margin-bottom: .4rem; } }
`;
const decisionsAtMost = 200;

/** One page that needs nothing else: timelines, decisions with their reasons, and the same tables as on the terminal. */
export function scalingHtml(report: ScalingReport): string {
  const title = `Scaling${report.service === null ? '' : ` of ${report.service}`}, simulated`;
  const policies = shownPolicies(report);
  const [shown, ...others] = policies.toSorted(
    (a, b) => Number(b.label === 'plimsoll') - Number(a.label === 'plimsoll'),
  );
  const body = `<h1>${html(title)}: <span class="${report.verdict}">${report.verdict}</span></h1>
<ul>${report.reasons.map((reason) => `<li>${html(reason)}</li>`).join('')}</ul>
${facts(groundRows(report))}
${report.notes.map((note) => `<p class="quiet">${html(note)}</p>`).join('\n')}
${table('Policies: what was promised', policyHead, policies.map(policyRow))}
${table(
  'Policies: what it cost',
  secondsHead(report.ground),
  policies.map((each) => secondsRow(each, report.ground)),
)}
<h2>What is possible</h2>
${facts(clairvoyantRows(report.clairvoyant, report.ground))}
<h2>Over time, with the first seed</h2>
${shown === undefined ? '' : timeline(shown, report)}
${others.map((each) => `<details><summary>${html(each.label)}</summary>${timeline(each, report)}</details>`).join('\n')}
${sweep(report)}
${pareto(report)}
${idle(report)}`;
  return htmlPage(`${title}: ${report.verdict}`, style, body);
}

const facts = (rows: readonly (readonly string[])[]): string =>
  `<dl class="facts">${rows.map(([name = '', ...rest]) => `<dt>${html(name)}</dt><dd>${html(rest.join(' '))}</dd>`).join('')}</dl>`;

const table = (title: string, head: readonly string[], rows: readonly (readonly string[])[]): string =>
  section(title, tableOf(head, rows));

/** @param words index of a column of sentences, which break */
function tableOf(head: readonly string[], rows: readonly (readonly string[])[], words = -1): string {
  const cell = (text: string, index: number): string =>
    `<td${index === words ? ' class="words"' : ''}>${html(text)}</td>`;
  return `<table>${headOf(head)}<tbody>${rows.map((row) => `<tr>${row.map(cell).join('')}</tr>`).join('\n')}</tbody></table>`;
}

function timeline(policy: SimulatedPolicy, { ground }: ScalingReport): string {
  const { decisions, decisionsLeftOut } = policy.timeline;
  const rows = decisions
    .slice(0, decisionsAtMost)
    .map(({ atMs, desired, reason }) => [formatElapsed(atMs), String(desired), reason]);
  const all = decisions.length + decisionsLeftOut;
  const more = all - rows.length;
  const left = more > 0 ? `<p class="quiet">and ${more} more</p>` : '';
  const listed = scrolling(`Decisions of ${policy.label}`, tableOf(['at', 'desired', 'reason'], rows, 2));
  return `<h3>${html(policy.label)}</h3>
${timelinePlot(policy, ground.endMs)}
<details><summary>${all} ${all === 1 ? 'decision' : 'decisions'} that changed the count</summary>${listed}${left}</details>`;
}

function sweep({ sweep: swept }: ScalingReport): string {
  if (swept.length === 0) return '';
  return `<h2>With wrong evidence</h2>
<p>Each cell: requests in time, and accelerator-seconds against right knowledge. A capacity told at 2 is twice the real one.</p>
${table('Told over real', sweepHead(swept), sweepRows(swept))}`;
}

function pareto({ pareto: points, ground }: ScalingReport): string {
  if (points === null) return '';
  const rows = scrolling('Choices', tableOf(paretoHead, paretoRows(points), 4));
  return `<h2>Choices of each policy's own knobs</h2>
${paretoPlot(points, ground.terms.attainmentShare)}
<details><summary>The numbers</summary>${rows}</details>`;
}

function idle(report: ScalingReport): string {
  const { gaps, curve, cheapest } = report.idle;
  if (gaps === 0) return '';
  return `<h2>Idle gaps</h2>
<p>${html(idleText(report))}</p>
${keepAlivePlot(curve, cheapest)}`;
}
