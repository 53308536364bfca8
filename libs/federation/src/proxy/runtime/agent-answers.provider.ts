import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { ListedInterface } from '@app/a2a';
import { RequestReply } from '@app/event-store';
import { plainText } from '@app/kernel';
import type { AgentCheck, AgentInterface } from '../../routing/ports.js';
import { AgentSources } from './agent-sources.provider.js';
import { Cards } from './cards.provider.js';
import { AgentToCheck, CHECK_AGENT } from '../../routing/ports.js';

/** A command waits for this. */
const CARD_MS = 4_000;
const MAX_LISTED = 100;

/** Answers what operators ask of agents of ours, by reading their cards. */
@Injectable()
export class AgentAnswers implements OnApplicationBootstrap, OnModuleDestroy {
  private undo: () => void = () => undefined;

  constructor(
    private readonly rpc: RequestReply,
    private readonly sources: AgentSources,
    private readonly cards: Cards,
  ) {}

  onApplicationBootstrap(): void {
    this.undo = this.rpc.answer(CHECK_AGENT, AgentToCheck, (asked) => this.check(asked));
  }

  onModuleDestroy(): void {
    this.undo();
  }

  private async check({ agent, ...led }: AgentToCheck): Promise<AgentCheck> {
    const source = await this.sources.of(agent, led);
    const card = 'fault' in source ? source : await this.cards.read({ ...source, patienceMs: CARD_MS }, '1.0');
    const interfaces = (card.listed ?? []).slice(0, MAX_LISTED).map(interfaceOf);
    if ('fault' in card) {
      const { code, detail, next } = card.fault;
      return { ok: false, reason: code, sentence: plainText(`${detail} ${next}`, 2000), interfaces };
    }
    const usable = interfaces.filter((each) => each.usable).length;
    const sentence = `The card was read, and ${usable} of the ${interfaces.length} interfaces that it names can be used.`;
    return { ok: true, reason: null, sentence, interfaces };
  }
}

const interfaceOf = ({ url, binding, version, because }: ListedInterface): AgentInterface => ({
  url: plainText(url, 2048),
  binding: plainText(binding, 64),
  protocol_version: version === null ? null : plainText(version, 64),
  usable: because === null,
  because: because === null ? null : plainText(because, 500),
});
