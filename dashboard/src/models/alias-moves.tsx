import type { ReactNode } from 'preact/compat';
import type { AliasMove } from '../../../src/core/registry/model-version.ts';
import { shortDigest } from '../parts/format.ts';
import { VerdictGlyph } from '../parts/glyphs.tsx';
import { Time } from '../parts/time.tsx';

/** Nothing is ever taken out of it: who moved an alias, when, why and on which evidence. */
export function AliasMoves({ moves }: { readonly moves: readonly AliasMove[] }): ReactNode {
  return (
    <div className="alias-moves">
      <h3>How aliases moved</h3>
      {moves.length === 0 ? (
        <p className="sub">None has moved yet. A move stays here with who, when, why and on which evidence.</p>
      ) : (
        <div className="scroll-y alias-scroll" tabIndex={0} role="group" aria-label="Moves of aliases, scrollable">
          <ol>
            {moves.map((move, index) => (
              <li key={moves.length - index} className="alias-move">
                <p className="alias-head">
                  <span className="flag flag-plain">{move.alias}</span>
                  <span>
                    {move.from ?? 'none'} <span aria-label="to">→</span> {move.to ?? 'removed'}
                  </span>
                  <span className="sub">
                    <Time atMs={move.atMs} /> by {move.by}
                  </span>
                </p>
                <p className="alias-reason">{move.reason === '' ? 'No reason was given.' : move.reason}</p>
                <AliasEvidence move={move} />
              </li>
            ))}
          </ol>
        </div>
      )}
    </div>
  );
}

/** By digest, because a promotion rests on what was measured then, whatever is measured now. */
export function AliasEvidence({ move }: { readonly move: AliasMove }): ReactNode {
  const { evidence = [] } = move;
  if (evidence.length === 0) return <p className="sub">on no evidence</p>;
  return (
    <ul className="alias-evidence" aria-label="Evidence it rests on">
      {evidence.map(({ kind, digest, verdict }) => (
        <li key={kind} className="with-glyph" title={digest}>
          <VerdictGlyph verdict={verdict} /> {kind}: {verdict} <code>{shortDigest(digest)}</code>
        </li>
      ))}
    </ul>
  );
}
