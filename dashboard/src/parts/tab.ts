import { useEffect } from 'preact/compat';
import type { HealthState } from '../../../src/core/health/health.ts';
import { fromRoot } from '../frame/address.ts';

/** The tab's icon, so that a page in the background says the state too. */
export function useTabIcon(state: HealthState | null): void {
  useEffect(() => {
    const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
    if (icon === null || state === null) return;
    icon.href = fromRoot(state === 'healthy' ? 'mark.svg' : `mark-${state}.svg`);
  }, [state]);
}

export function useTabTitle(title: string): void {
  useEffect(() => {
    document.title = title;
  }, [title]);
}
