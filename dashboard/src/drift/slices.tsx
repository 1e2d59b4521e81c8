import type { ReactNode } from 'preact/compat';
import type { SlicesStatus, SliceStatus } from '../../../src/core/monitoring/slices/slice-status.ts';
import { counted, formatWhole } from '../parts/format.ts';
import { CheckGlyph, CrossGlyph, QuestionGlyph } from '../parts/glyphs.tsx';
import { Words } from '../parts/words.tsx';
import { capitalWords, sliceDistanceWords } from './drift-story.ts';

/** The rows by the values of the features that the contract slices by: what is judged of each, and what it holds. */
export function Slices({ slices }: { readonly slices: SlicesStatus }): ReactNode {
  return slices.by.map(({ feature, because, slices: each }) => (
    <section key={feature} className="drift-time" aria-label={`Slices by ${feature}`}>
      <h3>
        Slices by {feature}{' '}
        <span className="unit">
          <Words text={because} />
        </span>
      </h3>
      {each.length === 0 ? null : (
        <>
          <p className="sub">Each follows {slices.follows.join(', ')}.</p>
          <table className="drift-rows">
            <thead>
              <tr>
                {titles.map((title) => (
                  <th scope="col" key={title}>
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {each.map((slice) => (
                <Slice key={slice.name} slice={slice} />
              ))}
            </tbody>
          </table>
        </>
      )}
    </section>
  ));
}

const titles = ['slice', 'rows', 'evidence', 'series', 'distance'];

function Slice({ slice }: { readonly slice: SliceStatus }): ReactNode {
  const { name, rows, windows, judged, because, capitalShare, isLatched } = slice;
  return (
    <tr>
      <th scope="row">
        <span className="with-glyph">
          {isLatched ? <CrossGlyph /> : judged > 0 ? <CheckGlyph /> : <QuestionGlyph />}
          {name}
        </span>
      </th>
      <td>
        {formatWhole(rows)} <span className="sub">in {counted(windows, 'window')}</span>
      </td>
      <td>{isLatched ? 'alarm' : `${capitalWords(capitalShare)} of 1`}</td>
      <td>
        <Words text={because} />
      </td>
      <td>{sliceDistanceWords(slice)}</td>
    </tr>
  );
}
