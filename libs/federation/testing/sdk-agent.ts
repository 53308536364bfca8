import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  A2A_VERSION_HEADER,
  AgentCard,
  Extensions,
  HTTP_EXTENSION_HEADER,
  SSE_HEADERS,
  TaskState,
  formatSSEErrorEvent,
  formatSSEEvent,
} from '@a2a-js/sdk';
import { duplicateInterfacesForLegacy } from '@a2a-js/sdk/compat/v0_3';
import { LegacyJsonRpcTransportHandler } from '@a2a-js/sdk/compat/v0_3/server';
import {
  AgentEvent,
  type AgentExecutor,
  type ExecutionEventBus,
  DefaultRequestHandler,
  InMemoryTaskStore,
  JsonRpcTransportHandler,
  type RequestContext,
  UnauthenticatedUser,
  defaultServerCallContextBuilder,
  validateVersion,
} from '@a2a-js/sdk/server';

/** A request as the agent saw it. */
export interface Observation {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  /** What it asked for, by its JSON-RPC method. */
  readonly rpc: string | null;
  readonly body: string;
}

/** What the agent is told to do: the text of a message. */
export const TELL = {
  /** Answer with a message. */
  echo: 'echo',
  /** Make a task, and finish it at once. */
  task: 'task',
  /** Make a task, and finish it when the test says so: `SdkAgent.goOn`. */
  slowly: 'slowly',
} as const;

/**
 * An agent of the official SDK: its handlers do all that is said over A2A. Only what the SDK leaves to Express is done here: the card at
 * its well-known path, bytes in, bytes and events out.
 */
export class SdkAgent implements AgentExecutor {
  readonly observed: Observation[] = [];
  /** The `Authorization` it demands of every call, and of whoever reads its card too; null: it takes all. */
  demands: string | null = null;
  /** Resolves when a caller gave a stream up. */
  readonly givenUp = Promise.withResolvers<void>();
  private readonly signal = Promise.withResolvers<void>();
  private readonly server: Server;
  /** Ends with a slash: where its card is found below. */
  readonly url: string;

  // Fields written out: the demo runs this file as it is, by a Node that only strips types.
  private constructor(server: Server, url: string) {
    this.server = server;
    this.url = url;
  }

  static async open(): Promise<SdkAgent> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const agent = new SdkAgent(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}/travel/`);
    agent.serve();
    return agent;
  }

  /** Lets what is done slowly go on. */
  goOn(): void {
    this.signal.resolve();
  }

  /** Ends as a killed process does: in the middle of whatever it says. */
  die(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  async close(): Promise<void> {
    this.goOn();
    this.server.closeAllConnections();
    if (this.server.listening) await new Promise((resolve) => this.server.close(resolve));
  }

  private get card(): AgentCard {
    const interfaces = [{ url: `${this.url}a2a`, protocolBinding: 'JSONRPC', protocolVersion: '1.0', tenant: '' }];
    return AgentCard.fromJSON({
      name: 'Travel',
      description: 'Plans trips',
      version: '1.0.0',
      capabilities: { streaming: true, pushNotifications: false },
      defaultInputModes: ['text/plain'],
      defaultOutputModes: ['text/plain'],
      skills: [{ id: 'plan', name: 'Plan', description: 'Plans', tags: ['travel'] }],
      supportedInterfaces: duplicateInterfacesForLegacy(interfaces, ['JSONRPC']),
    });
  }

  /** As an agent that speaks 0.3 only describes itself. */
  private get legacyCard(): object {
    const { name, description, version, defaultInputModes, defaultOutputModes, skills } = AgentCard.toJSON(this.card) as Record<
      string,
      unknown
    >;
    return {
      ...{ name, description, version, defaultInputModes, defaultOutputModes, skills, protocolVersion: '0.3.0' },
      ...{ url: `${this.url}a2a`, preferredTransport: 'JSONRPC', capabilities: { streaming: true } },
    };
  }

  private serve(): void {
    const handler = new DefaultRequestHandler(this.card, new InMemoryTaskStore(), this);
    const current = new JsonRpcTransportHandler(handler);
    const legacy = new LegacyJsonRpcTransportHandler(handler);
    this.server.on('request', (request, response) => void this.answer(request, response, current, legacy));
  }

  private async answer(
    request: IncomingMessage,
    response: ServerResponse,
    current: JsonRpcTransportHandler,
    legacy: LegacyJsonRpcTransportHandler,
  ): Promise<void> {
    const body = (await request.toArray()).join('');
    const rpc = body === '' ? null : (JSON.parse(body) as { method: string }).method;
    this.observed.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, rpc, body });
    if (this.demands !== null && request.headers.authorization !== this.demands)
      return void response.writeHead(401, { 'www-authenticate': 'Bearer realm="travel"', 'content-type': 'application/json' }).end('{}');
    const version = request.headers[A2A_VERSION_HEADER.toLowerCase()] as string | undefined;
    const isLegacy = (version ?? '0.3') === '0.3';
    if (request.url === '/travel/.well-known/agent-card.json')
      return json(response, isLegacy ? this.legacyCard : (AgentCard.toJSON(this.card) as object));
    const handler = isLegacy ? legacy : current;
    try {
      const context = defaultServerCallContextBuilder({
        extensions: Extensions.parseServiceParameter(request.headers[HTTP_EXTENSION_HEADER.toLowerCase()] as string | undefined),
        user: new UnauthenticatedUser(),
        headers: request.headers,
        requestedVersion: version,
      } as Parameters<typeof defaultServerCallContextBuilder>[0]);
      validateVersion(context.requestedVersion, this.card, 'JSONRPC');
      const said = await handler.handle(body, context);
      if (Symbol.asyncIterator in said) await this.stream(response, said);
      else json(response, said);
    } catch (error) {
      json(response, { jsonrpc: '2.0', id: null, error: JsonRpcTransportHandler.mapToJSONRPCError(error) });
    }
  }

  private async stream(response: ServerResponse, events: AsyncGenerator<object>): Promise<void> {
    response.on('close', () => response.writableFinished || this.givenUp.resolve());
    response.writeHead(200, { ...SSE_HEADERS }).flushHeaders();
    try {
      for await (const event of events) response.write(formatSSEEvent(event as never));
    } catch (error) {
      response.write(formatSSEErrorEvent({ jsonrpc: '2.0', id: null, error: JsonRpcTransportHandler.mapToJSONRPCError(error) } as never));
    }
    response.end();
  }

  async execute({ userMessage, taskId, contextId }: RequestContext, bus: ExecutionEventBus): Promise<void> {
    const [part] = userMessage.parts;
    const told = part?.content?.$case === 'text' ? part.content.value : '';
    const about = { taskId, contextId };
    const at = (state: TaskState) => ({ state, message: undefined, timestamp: '2026-02-01T12:00:00.000Z' });
    const text = (value: string) => [{ content: { $case: 'text' as const, value }, metadata: undefined, filename: '', mediaType: '' }];
    if (told === TELL.echo) {
      const parts = userMessage.parts;
      bus.publish(AgentEvent.message({ ...userMessage, messageId: 'answer', contextId, taskId: '', role: 2, parts }));
      return bus.finished();
    }
    bus.publish(
      AgentEvent.task({
        id: taskId,
        contextId,
        status: at(TaskState.TASK_STATE_WORKING),
        artifacts: [],
        history: [userMessage],
        metadata: {},
      }),
    );
    if (told === TELL.slowly) await this.signal.promise;
    const artifact = {
      artifactId: 'plan',
      name: 'Plan',
      description: '',
      parts: text('Lisbon – Évora, 2 h €'),
      metadata: undefined,
      extensions: [],
    };
    bus.publish(AgentEvent.artifactUpdate({ ...about, artifact, append: false, lastChunk: true, metadata: undefined }));
    bus.publish(AgentEvent.statusUpdate({ ...about, status: at(TaskState.TASK_STATE_COMPLETED), metadata: undefined }));
    bus.finished();
  }

  async cancelTask(_taskId: string, bus: ExecutionEventBus): Promise<void> {
    bus.finished();
  }
}

const json = (response: ServerResponse, body: object): void =>
  void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
