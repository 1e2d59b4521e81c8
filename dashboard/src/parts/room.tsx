import type { ReactNode } from 'preact/compat';
import { useRef } from 'preact/compat';

interface RoomProps {
  /** Rows that the list has. */
  readonly rows: number;
  /** Rows at which it begins to scroll. */
  readonly most: number;
}

/** Room below a part for one more row of its list, so that the next one moves nothing of what follows. */
export function Room({ rows, most }: RoomProps): ReactNode {
  const kept = useRef(0);
  if (rows > kept.current) kept.current = Math.min(most, rows + 1);
  return rows < kept.current ? <div className="room" /> : null;
}
