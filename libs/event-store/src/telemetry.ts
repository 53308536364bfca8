import type { NewEvent, TelemetryClass, NewOf } from '@app/kernel';

export abstract class Telemetry {
  /**
   * Sends one measurement and does not wait for it to be kept: nobody decides on it, and the next one comes soon. Throws
   * nothing; what could not be sent is counted by `lost`.
   */
  abstract record<E extends TelemetryClass>(event: NewOf<E> & NewEvent, actor: string): void;

  /** How many were not sent since this process started. */
  abstract readonly lost: number;
}
