import type { ReactNode } from 'preact/compat';
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/compat';
import type { ReleaseSummary, ServiceView } from '../../../src/schemas/view/view.ts';
import { Clipped } from '../parts/clipped.tsx';
import { CopyButton, Command } from '../parts/copy.tsx';
import { shortDigest } from '../parts/format.ts';
import { VerdictGlyph } from '../parts/glyphs.tsx';
import { Asks } from './asks.tsx';
import { type ReleaseLanes, releaseLanes } from './release-lanes.ts';
import { type Fate, fateOf } from './release-story.ts';
import { ReleaseFlags } from './release-strip.tsx';
import { Empty, Section } from '../parts/section.tsx';
import { Time } from '../parts/time.tsx';
import { useLive } from '../live/use-live.ts';

export function Releases({ view }: { readonly view: ServiceView }): ReactNode {
  const history = useLive((live) => live.history);
  const lanes = useMemo(() => releaseLanes(view.releases), [view.releases]);
  const fates = useMemo(
    () => view.releases.map((release) => fateOf(release, view.releases, history)),
    [view.releases, history],
  );
  const list = useRef<HTMLOListElement>(null);
  const tops = useTops(list, view.releases.length);
  return (
    <Section id="releases" title="Releases" aside={view.releases.length === 0 ? null : 'code │ model, newest first'}>
      {view.releases.length === 0 ? (
        <>
          <Asks view={view} />
          <Bars view={view} />
          <Empty command={<Command text="plimsoll release" />}>
            No release yet. The first one needs evidence of each kind that the contract asks for.
          </Empty>
        </>
      ) : (
        <div className="release-box" data-first={hasOneRelease(view) || undefined}>
          <Asks view={view} />
          <Bars view={view} />
          <div className="scroll-y release-scroll" tabIndex={0} role="group" aria-label="Releases, scrollable">
            <div className="release-list">
              <Lanes lanes={lanes} releases={view.releases} tops={tops} />
              <ol reversed start={view.releases[0]?.number} ref={list}>
                {view.releases.map((release, index) => (
                  <Release key={index} release={release} moved={lanes.rows[index]} fate={fates[index] ?? null} />
                ))}
              </ol>
            </div>
          </div>
        </div>
      )}
    </Section>
  );
}

/** One alone has a place that is as high as it is. Two or more share one of a fixed height, so that another one moves nothing. */
export const hasOneRelease = ({ releases }: ServiceView): boolean => releases.length === 1;

/** Where each row begins, as it is laid out: rows are as high as what they say. */
function useTops(list: { readonly current: HTMLOListElement | null }, count: number): readonly number[] {
  const [tops, setTops] = useState<readonly number[]>([]);
  useLayoutEffect(() => {
    const element = list.current;
    if (element === null) return undefined;
    const measure = (): void => {
      const now = [...element.children].map((row) => (row as HTMLElement).offsetTop);
      setTops((before) => (before.join() === now.join() ? before : now));
    };
    measure();
    const watching = new ResizeObserver(measure);
    for (const row of element.children) watching.observe(row);
    return () => watching.disconnect();
  }, [list, count]);
  return tops;
}

interface ReleaseProps {
  readonly release: ReleaseSummary;
  readonly moved: ReleaseLanes['rows'][number] | undefined;
  readonly fate: Fate | null;
}

/** A row is as high whatever it says: what came and why it ended take a line each, and open where they are longer. */
function Release({ release, moved, fate }: ReleaseProps): ReactNode {
  const { code, model, cause, number } = release;
  return (
    <li className={`release release-${release.state}`}>
      <p className="release-head">
        <span className="release-number">{release.number}</span>
        <span className={`state state-${release.state}`}>{release.state}</span>
        <span className="release-when">
          <Time atMs={release.createdAtMs} /> by {release.createdBy}
        </span>
      </p>
      <p className="release-axes">
        <span className={moved?.codeMoved === false ? 'dim' : undefined} title={code.digest}>
          <span className="line">{code.label}</span>
          {code.label === shortDigest(code.digest) ? null : <code>{shortDigest(code.digest).slice(0, 7)}</code>}
        </span>
        <span className={moved?.modelMoved === false ? 'dim' : undefined} title={model.digest}>
          <span className="line">
            {model.name}:{model.version}
          </span>
          <code>{shortDigest(model.digest).slice(0, 7)}</code>
        </span>
      </p>
      <div className="release-why sub">
        <ReleaseFlags release={release} />
        <Clipped className="release-cause" lines={1} what={`why release ${number} came`}>
          <span className="unseen">It came as a </span>
          {cause}
        </Clipped>
        {fate === null ? null : (
          <div className="release-fate">
            <VerdictGlyph verdict={fate.glyph} />
            <Clipped lines={1} what={`why release ${number} ended`}>
              <span className="unseen">It ended: </span>
              {fate.text}{' '}
              <span className="release-fate-when">
                (<Time atMs={fate.atMs} /> by {fate.by})
              </span>
            </Clipped>
          </div>
        )}
      </div>
    </li>
  );
}

const laneX = { code: 14, model: 34 } as const;

/** Each axis is a line through the releases, with a mark where it moved and an arc where it went back. */
function Lanes({
  lanes,
  releases,
  tops,
}: {
  readonly lanes: ReleaseLanes;
  readonly releases: readonly ReleaseSummary[];
  readonly tops: readonly number[];
}): ReactNode {
  if (tops.length !== releases.length) return null;
  const y = (row: number): number => (tops[row] ?? 0) + 16;
  const height = y(releases.length - 1) + 24;
  return (
    <svg className="lanes" width="52" height={height} viewBox={`0 0 52 ${height}`} aria-hidden="true" focusable="false">
      {(['code', 'model'] as const).map((axis) => (
        <line
          key={axis}
          className={`lane lane-${axis}`}
          x1={laneX[axis]}
          x2={laneX[axis]}
          y1={y(0)}
          y2={y(releases.length - 1)}
        />
      ))}
      {lanes.arcs.map((arc) => {
        const x = laneX[arc.axis];
        const bend = arc.axis === 'code' ? -13 : 15;
        const path = `M${x} ${y(arc.from)}C${x + bend} ${y(arc.from) + 24} ${x + bend} ${y(arc.to) - 24} ${x} ${y(arc.to)}`;
        return <path key={`${arc.axis}${arc.from}`} className={`lane-arc lane-${arc.axis}`} d={path} />;
      })}
      {lanes.rows.map((row, index) => (
        <g key={index} className={`lane-row release-${releases[index]?.state ?? 'retired'}`}>
          {row.codeMoved ? <circle className="lane-moved lane-code" cx={laneX.code} cy={y(index)} r="4.5" /> : null}
          {row.modelMoved ? <circle className="lane-moved lane-model" cx={laneX.model} cy={y(index)} r="4.5" /> : null}
        </g>
      ))}
    </svg>
  );
}

const liftCommand = ({ axis, digest }: ServiceView['bars'][number]): string =>
  `plimsoll release --lift-bar ${axis}:${shortDigest(digest)} --reason TEXT`;

/** Digests that the next deploy cannot bring back. */
function Bars({ view }: { readonly view: ServiceView }): ReactNode {
  if (view.bars.length === 0) return null;
  return (
    <div className="bars" tabIndex={0} role="group" aria-label="Barred, scrollable">
      <h3>Barred</h3>
      <ul>
        {view.bars.map((bar) => (
          <li key={`${bar.axis}${bar.digest}`}>
            <span className="command">
              <span>{bar.axis}&nbsp;</span>
              <code title={bar.digest}>{shortDigest(bar.digest)}</code>
              <CopyButton text={bar.digest} what={`the barred ${bar.axis} digest`} />
            </span>
            <span className="sub">
              <Command text={liftCommand(bar)} />
              since <Time atMs={bar.atMs} /> by {bar.by}: {bar.reason}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
