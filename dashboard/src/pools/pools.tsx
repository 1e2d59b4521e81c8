import type { ReactNode } from 'preact/compat';
import type { Compatibility } from '../../../src/core/contract/contract.ts';
import type { Finding } from '../../../src/core/hardware/compatibility.ts';
import type {
  MatrixAnswer,
  MatrixCell,
  MatrixClass,
  MatrixRow,
  MatrixService,
  PoolMatrix,
} from '../../../src/core/hardware/pool-matrix.ts';
import { Command } from '../parts/copy.tsx';
import { formatDay } from '../parts/format.ts';
import { VerdictGlyph } from '../parts/glyphs.tsx';
import { Section } from '../parts/section.tsx';
import { useLive } from '../live/use-live.ts';
import { Words } from '../parts/words.tsx';

/** Nodes down, services across, one mark for each device. A letter says what the colour repeats: it holds in print too. */
const marks: Readonly<Record<Compatibility, string>> = {
  native: 'N',
  'minor-version': 'M',
  forward: 'F',
  incompatible: '✕',
  unknown: '?',
};
const compatibilities = Object.keys(marks) as readonly Compatibility[];

/** Shown when the contract writes `hardware`, because then somebody wants to know. */
export function Pools(): ReactNode {
  const pools = useLive((live) => live.pools);
  if (pools.length === 0) return null;
  return (
    <Section id="pools" title="Hardware" aside={<Legend />}>
      {pools.map((pool) => (
        <Pool key={pool.pool} pool={pool} />
      ))}
    </Section>
  );
}

function Legend(): ReactNode {
  return (
    <ul className="pool-legend">
      {compatibilities.map((compatibility) => (
        <li key={compatibility}>
          <Mark compatibility={compatibility} /> {compatibility}
        </li>
      ))}
    </ul>
  );
}

function Pool({ pool }: { readonly pool: PoolMatrix }): ReactNode {
  const nodes = pool.rows.reduce((sum, row) => sum + row.nodes, pool.nodesNotShown);
  return (
    <div className="pool">
      <h3>
        {pool.pool}
        <span className="sub">
          {nodes === 1 ? '1 node' : `${nodes} nodes`}
          {pool.takenAtMs === null ? ', looked at now' : `, as of ${formatDay(pool.takenAtMs)}`}
        </span>
      </h3>
      {pool.services.map((service) => (
        <ServiceVerdict key={`${service.service} ${service.environment}`} service={service} />
      ))}
      <div className="pool-answers">
        <div>
          {pool.rows.length === 0 ? null : <Matrix pool={pool} />}
          {pool.nodesNotShown === 0 ? null : (
            <p className="sub">{pool.nodesNotShown} more nodes answer better than these and are not shown.</p>
          )}
        </div>
        <ul className="pool-classes">
          {pool.classes.map((each) => (
            <ClassAnswers key={each.digest} shown={each} services={pool.services} />
          ))}
        </ul>
      </div>
    </div>
  );
}

function Matrix({ pool }: { readonly pool: PoolMatrix }): ReactNode {
  return (
    <div className="pool-scroll" tabIndex={0} role="group" aria-label={`Nodes and devices of ${pool.pool}`}>
      <table className="pool-matrix">
        <thead>
          <tr>
            <th scope="col">Node</th>
            {pool.services.map((service) => (
              <th scope="col" key={`${service.service} ${service.environment}`}>
                {nameOf(service)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {pool.rows.map((row) => (
            <Row key={row.names.join(' ')} row={row} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

const nameOf = ({ service, environment }: MatrixService): string =>
  environment === 'default' ? service : `${service} ${environment}`;

function Row({ row }: { readonly row: MatrixRow }): ReactNode {
  const [first = '', ...others] = row.names;
  return (
    <tr>
      <th scope="row" title={row.names.join(', ')}>
        <span className="line">{first}</span>
        {row.nodes === 1 ? null : (
          <span className="sub line">
            and {row.nodes - 1} like it{others.length === 0 ? '' : `: ${others.join(', ')}`}
          </span>
        )}
      </th>
      {row.cells.map((cell, index) => (
        <td key={index}>
          {cell === null ? <span className="sub">left out by the selector</span> : <Cell cell={cell} />}
        </td>
      ))}
    </tr>
  );
}

function Cell({ cell }: { readonly cell: MatrixCell }): ReactNode {
  return (
    <>
      <span className="pool-marks">
        {cell.devices.map(({ device, compatibility }) => (
          <Mark key={device} compatibility={compatibility} device={device} />
        ))}
      </span>
      <span className="pool-reason">
        <VerdictGlyph verdict={cell.verdict} />
        <span>
          <span className="unseen">{cell.verdict}: </span>
          <Words text={cell.reason} />
        </span>
      </span>
    </>
  );
}

interface MarkProps {
  readonly compatibility: Compatibility;
  /** Named where the mark stands for one device; a mark of the legend has its word beside it. */
  readonly device?: string;
}

function Mark({ compatibility, device }: MarkProps): ReactNode {
  const label = device === undefined ? undefined : `${device}: ${compatibility}`;
  return (
    <span
      className={`pool-mark pool-${compatibility}`}
      {...(label === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label, title: label })}
    >
      {marks[compatibility]}
    </span>
  );
}

function ServiceVerdict({ service }: { readonly service: MatrixService }): ReactNode {
  return (
    <div className="pool-verdict">
      <VerdictGlyph verdict={service.verdict} />
      <div>
        <p>
          {nameOf(service)}: {service.verdict}
          {service.restsOnDeclared ? <span className="flag">rests on declared classes</span> : null}
        </p>
        {service.reasons.map((reason) => (
          <p className="sub" key={reason}>
            <Words text={reason} />
          </p>
        ))}
        {service.verdict === 'pass' ? null : (
          <Command
            text={`plimsoll verify${service.environment === 'default' ? '' : ` --environment ${service.environment}`}`}
          />
        )}
      </div>
    </div>
  );
}

/** Why each class of device answers as it does: in words, under the picture, because a pointer is not always at hand. */
function ClassAnswers({
  shown,
  services,
}: {
  readonly shown: MatrixClass;
  readonly services: readonly MatrixService[];
}): ReactNode {
  return (
    <li>
      <p className="pool-class">{shown.description}</p>
      {distinctAnswers(shown, services).map(({ names, answer }) => (
        <div className="pool-answer" key={names.join(' ')}>
          <Mark compatibility={answer.compatibility} />
          <div>
            <p>
              {answer.compatibility}
              {services.length === 1 ? null : <span className="sub"> for {names.join(', ')}</span>}
            </p>
            {answer.findings.map((finding) => (
              <Reason key={finding.rule + finding.message} finding={finding} />
            ))}
          </div>
        </div>
      ))}
    </li>
  );
}

function Reason({ finding }: { readonly finding: Finding }): ReactNode {
  return (
    <div className="pool-finding">
      <p>
        {finding.weight === 'warning' ? <span className="flag">mind</span> : null}
        <Words text={finding.message} />
      </p>
      {finding.fix === undefined ? null : (
        <p>
          To fix: <Words text={finding.fix} />
        </p>
      )}
      <p>
        <cite>{finding.source}</cite>
      </p>
    </div>
  );
}

interface SharedAnswer {
  readonly names: readonly string[];
  readonly answer: MatrixAnswer;
}

/** Services that a class answers alike are said once. */
function distinctAnswers(shown: MatrixClass, services: readonly MatrixService[]): readonly SharedAnswer[] {
  const byText = new Map<string, SharedAnswer>();
  shown.answers.forEach((answer, index) => {
    const service = services[index];
    if (answer === null || service === undefined) return;
    const text = JSON.stringify(answer);
    byText.set(text, { names: [...(byText.get(text)?.names ?? []), nameOf(service)], answer });
  });
  return [...byText.values()];
}
