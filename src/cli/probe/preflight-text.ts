import { judgePreflight, type Preflight, type PreflightCheck } from '../../core/pool/preflight/preflight.ts';
import { formatBytes } from '../../core/units/quantity/quantity-bytes.ts';
import { formatElapsed } from '../../core/units/quantity/quantity-duration.ts';
import { painter } from '../terminal/paint.ts';
import { alignedTable, textOfLines } from '../terminal/table.ts';

const kinds: Readonly<Record<PreflightCheck['kind'], string>> = {
  memory: 'memory',
  'storage-cold': 'read from the disk',
  'storage-cached': 'read from memory',
  fabric: 'fabric',
  'device-memory': 'device memory',
  'pageable-to-device': 'to device, pageable',
  'host-to-device': 'to device',
  'device-to-host': 'from device',
  kernel: 'kernel',
  peer: 'peer',
};

/** A row a check, what each carried beside what its link can carry, and the verdict. */
export function preflightText(preflight: Preflight, kept: string | null, colour: boolean): string {
  const paint = painter(colour);
  const { verdict, reasons } = judgePreflight(preflight);
  const header = ['TRIED', 'ON', 'RESULT', 'RATE', 'OF THE LINK', ''];
  return textOfLines([
    '',
    `${paint('strong', 'active preflight')}, ${formatElapsed(preflight.tookMs)}`,
    ...alignedTable([header, ...preflight.checks.map(checkRow)], '  '),
    '',
    `${paint(verdict === 'pass' ? 'good' : verdict === 'fail' ? 'bad' : 'warn', verdict)}: ${reasons.join('; ')}`,
    ...(kept === null ? [] : [`kept in ${kept}, for hardware.preflight`]),
  ]);
}

function checkRow({
  kind,
  of,
  verdict,
  reason,
  bytesPerSecond,
  ceilingBytesPerSecond,
}: PreflightCheck): readonly string[] {
  const share =
    bytesPerSecond === undefined || ceilingBytesPerSecond === undefined
      ? ''
      : `${Math.round((bytesPerSecond / ceilingBytesPerSecond) * 100)}%`;
  return [
    kinds[kind],
    of,
    verdict,
    bytesPerSecond === undefined ? '' : `${formatBytes(bytesPerSecond)}/s`,
    share,
    reason ?? '',
  ];
}
