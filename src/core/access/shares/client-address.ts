/**
 * Returns who an address counts as: one client, whichever form it is written in.
 *
 * | address | counts as |
 * |---|---|
 * | IPv4, `192.0.2.7` | itself |
 * | IPv4 inside IPv6, `::ffff:192.0.2.7` | the IPv4 address |
 * | IPv6, `2001:db8:1:2:3::4` | its network of 64 bits, `2001:db8:1:2::/64`: whoever has one address of it has all (RFC 6177) |
 * | none, as of a connection that is gone | `unknown` |
 */
export function clientOfAddress(address: string | undefined): string {
  if (address === undefined || address === '') return 'unknown';
  const mapped = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  return address.includes(':') ? `${networkOf(address)}::/64` : address;
}

/** The first four groups of an IPv6 address, written out. */
function networkOf(address: string): string {
  const [bare = ''] = address.toLowerCase().split('%', 1);
  const [head = '', tail] = bare.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const gap = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const groups = [...before, ...Array.from({ length: gap }, () => '0'), ...after];
  return groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}
