import type { FleetGateway } from './fleet-gateway.ts';
import type { FleetService } from './fleet-services.ts';
import { sendReports } from './fleet-link.ts';
import type { ControlPlaneLink } from '../following/control-plane-link.ts';

/** Sends the reports of a fleet gateway: of all services on a beat, of some at once where that matters. */
export class ReportSender {
  readonly #gateway: FleetGateway;
  readonly #link: ControlPlaneLink;
  readonly #signal: AbortSignal;
  readonly #due = new Set<FleetService>();
  #sending = false;

  constructor(gateway: FleetGateway, link: ControlPlaneLink, signal: AbortSignal) {
    this.#gateway = gateway;
    this.#link = link;
    this.#signal = signal;
  }

  /** Of all services. True when the control plane took them. */
  async sendAll(): Promise<boolean> {
    return this.#send(this.#gateway.services.held);
  }

  /** Of one service, together with others that are due in the same moment; one request is under way at a time. */
  soon(service: FleetService): void {
    this.#due.add(service);
    if (this.#sending) return;
    this.#sending = true;
    setImmediate(() => void this.#sendDue());
  }

  async #sendDue(): Promise<void> {
    while (this.#due.size > 0 && !this.#signal.aborted) {
      const due = [...this.#due];
      this.#due.clear();
      await this.#send(due);
    }
    this.#sending = false;
  }

  async #send(services: Iterable<FleetService>): Promise<boolean> {
    const answer = await sendReports(this.#link, this.#gateway.reports(services), this.#signal);
    if (answer !== null) this.#gateway.acknowledge(answer);
    return answer !== null;
  }
}
