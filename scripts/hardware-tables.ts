import { argumentSections } from './hardware-tables/arguments.ts';
import { deviceSections } from './hardware-tables/devices.ts';
import { engineSections } from './hardware-tables/engines.ts';
import { hostSections } from './hardware-tables/hosts.ts';
import { packageSections } from './hardware-tables/packages.ts';

/** docs/reference/hardware-tables.md, from the tables themselves. */
export const hardwareTables = (): string =>
  `${[
    '# Tables of the hardware rules',
    'Made from `src/core/hardware/tables` by `npm run generate`. [The rules](../hardware-rules.md) say how they are used. The digest\nof all of them is a subject of hardware evidence: a row that changes makes it stale.',
    ...deviceSections,
    ...engineSections,
    ...argumentSections,
    ...packageSections,
    ...hostSections,
  ].join('\n\n')}\n`;
