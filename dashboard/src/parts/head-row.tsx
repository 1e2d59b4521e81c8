import type { ReactNode } from 'preact/compat';

/** The head of a table: a name for each column. */
export function HeadRow({ names }: { readonly names: readonly string[] }): ReactNode {
  return (
    <thead role="rowgroup">
      <tr role="row">
        {names.map((name) => (
          <th key={name} role="columnheader" scope="col">
            {name}
          </th>
        ))}
      </tr>
    </thead>
  );
}
