import type { Guard } from '@app/kernel';

/** What contexts do when a message of one of their aggregates is voided. Given by the process. */
export abstract class Guards {
  abstract readonly all: readonly Guard[];
}
