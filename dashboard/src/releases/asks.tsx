import type { ReactNode } from 'preact/compat';
import { askWords, chooseCurrentAsks, isOpenAsk, type ShownAsk } from '../../../src/core/rollout/release-ask.ts';
import type { ServiceView } from '../../../src/schemas/view/view.ts';
import { Command } from '../parts/copy.tsx';
import { formatBytes, shortDigest } from '../parts/format.ts';
import { AskGlyph } from '../parts/glyphs.tsx';
import { Time } from '../parts/time.tsx';
import { Words } from '../parts/words.tsx';

/** Requests for a release that are not decided yet; where there is none, what became of the last one. */
export function Asks({ view }: { readonly view: ServiceView }): ReactNode {
  const asks = chooseCurrentAsks(view.asks);
  if (asks.length === 0) return null;
  return (
    <ul className="asks" tabIndex={0} aria-label="Requests for a release">
      {asks.map((ask) => (
        <Ask key={ask.id} ask={ask} />
      ))}
    </ul>
  );
}

function Ask({ ask }: { readonly ask: ShownAsk }): ReactNode {
  const { state, reason, by, bundle, next } = ask;
  return (
    <li className={`ask ask-${state}`}>
      <AskGlyph state={state} />
      <div>
        <p>{askWords[state]}</p>
        <AskProgress ask={ask} />
        <p className="sub ask-reason">
          <Words text={reason} />
        </p>
        {next === undefined ? null : <Command text={next} />}
        <p className="sub">
          <Time atMs={isOpenAsk(ask) ? ask.atMs : ask.changedAtMs} /> by {by}, bundle{' '}
          <code title={bundle}>{shortDigest(bundle)}</code>
        </p>
      </div>
    </li>
  );
}

function AskProgress({ ask }: { readonly ask: ShownAsk }): ReactNode {
  const text = progressText(ask);
  if (text === null || ask.progress === null) return null;
  const { doneBytes, totalBytes } = ask.progress;
  return (
    <p className="ask-progress">
      <progress
        aria-label="Of the model fetched"
        max={totalBytes ?? undefined}
        value={totalBytes === null ? undefined : doneBytes}
      />
      <span className="sub">{text}</span>
    </p>
  );
}

/** `1.2 GB of 4 GB`; null where nothing is fetched. */
export function progressText({ state, progress }: ShownAsk): string | null {
  if (state !== 'fetching' || progress === null) return null;
  const { doneBytes, totalBytes } = progress;
  return totalBytes === null ? formatBytes(doneBytes) : `${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}`;
}
