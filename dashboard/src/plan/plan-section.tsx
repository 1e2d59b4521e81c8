import type { ReactNode } from 'preact/compat';
import { useState } from 'preact/compat';
import type { PlanReport } from '../../../src/core/packing/plan-ahead/plan-report.ts';
import { Command } from '../parts/copy.tsx';
import { Empty, Section } from '../parts/section.tsx';
import { PlanPlot } from './plan-plot.tsx';
import { PlanTable } from './plan-table.tsx';
import {
  amountWords,
  bindingWords,
  fullWords,
  type Growth,
  growths,
  growthWords,
  moneyWords,
  nextWords,
  poolWords,
  replicasOf,
  weekOf,
} from './plan-words.ts';
import { type KnownPlan, usePlan } from './use-plan.ts';

/** Replicas, devices and money of the weeks to come, and when the pool is full. */
export function Plan(): ReactNode {
  const [growth, setGrowth] = useState<Growth>('recorded');
  const known = usePlan(growth);
  return (
    <Section
      id="plan"
      title="Capacity plan"
      aside={
        <span className="lengths" role="group" aria-label="Growth of the demand">
          {growths.map((each) => (
            <button key={each} type="button" aria-pressed={growth === each} onClick={() => setGrowth(each)}>
              {growthWords(each)}
            </button>
          ))}
        </span>
      }
    >
      <PlanBody known={known} />
    </Section>
  );
}

function PlanBody({ known: { answer, refused } }: { readonly known: KnownPlan }): ReactNode {
  if (refused !== null) return <Empty>{`The control plane answered with status ${refused}.`}</Empty>;
  if (answer === null) return <Empty>Asking for the plan.</Empty>;
  const { plan, missing } = answer;
  if (plan !== null) return <PlanReportBody report={plan} />;
  const { command, words } = nextWords(missing?.next ?? '');
  return (
    <Empty command={command === null ? undefined : <Command text={command} />}>
      There is no plan: {missing?.reason ?? 'nothing is known'}. {words}
    </Empty>
  );
}

function PlanReportBody({ report }: { readonly report: PlanReport }): ReactNode {
  const [pointed, setPointed] = useState<number | null>(null);
  const { weeks, services, devices, devicesDown, nodesDown, full, currency, notes } = report;
  const shared = {
    weeks: weeks.map(({ from }) => from),
    fullAt: weekOf(weeks, full.notFound),
    pointed,
    onPoint: setPointed,
  };
  const hasMoney = currency !== null && weeks.every(({ micros }) => micros !== null);
  const atMost = services.length === 1 ? (services[0]?.atMost ?? null) : null;
  const binding = bindingWords(report);
  return (
    <>
      <p className="plan-said" data-full={full.notFound !== null || undefined}>
        {fullWords(report)}
      </p>
      <p className="sub">
        {poolWords(report)} {binding}
      </p>
      <div className="plan-plots">
        <PlanPlot
          {...shared}
          title="Replicas"
          unit="at the peak of each week"
          values={weeks.map(replicasOf)}
          format={amountWords}
          levels={atMost === null ? [] : [{ value: atMost, label: `scaling.replicas.max ${atMost}` }]}
        />
        <PlanPlot
          {...shared}
          title="Devices"
          unit="held by them"
          values={weeks.map((week) => week.devices)}
          format={amountWords}
          levels={[
            {
              value: devices - devicesDown,
              label: nodesDown === 0 ? `all ${devices}` : `${devices - devicesDown} of ${devices} with a node lost`,
            },
          ]}
        />
        {hasMoney ? (
          <PlanPlot
            {...shared}
            title="Money"
            unit={`${currency} a week`}
            values={weeks.flatMap(({ micros }) => micros ?? [])}
            format={moneyWords}
            levels={[]}
          />
        ) : null}
      </div>
      <PlanTable report={report} />
      <ul className="plan-notes sub">
        {[...services.flatMap(({ from }) => from), ...notes].map((text) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
    </>
  );
}
