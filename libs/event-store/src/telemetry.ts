import type { NewEvent } from '@app/kernel';

export abstract class Telemetry {
  /**
   * Keeps one measurement; answers its position as a token, for statuses to name what they rest on. Throws what the client throws
   * when the log does not say so within `timeoutMs`: a measurement is worth no second attempt, the next one comes soon.
   */
  abstract keep(event: NewEvent, actor: string, timeoutMs: number): Promise<string>;
}
