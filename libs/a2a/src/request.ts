import { type Span, detached, elementsOf, firstOf, membersOf, stringAt } from './json-span.js';
import { type MethodClass, methodClassOf } from './method.js';

/** What is read of a request, none of it checked: names as their sender wrote them, of any length a body allows. */
export interface ParsedRequest {
  /** null: none, or in a batch not one and the same. */
  readonly method: string | null;
  /** Of everything that is asked for: there may be several. */
  readonly classes: readonly MethodClass[];
  /** As it stands in the text: `7`, `"7"`, `null`; null: none, or a batch. */
  readonly id: string | null;
  readonly taskId: string | null;
  readonly contextId: string | null;
  readonly messageId: string | null;
}

/** A text that two parsers may understand differently: nobody can say what it is that would be let through. */
export interface Ambiguous {
  readonly ambiguous: string;
}

/**
 * Reads as much of a JSON-RPC request, or of a batch, as rules and records need. What is no JSON-RPC is read as an unknown method: its
 * answer is the agent's business.
 */
export function readRequest(body: Buffer): ParsedRequest | Ambiguous {
  if (body.includes(0)) return { ambiguous: 'it holds a zero byte, as JSON in UTF-8 does not' };
  const text = body.toString('utf8');
  return firstOf(text) === '[' ? readBatch(text) : readOne(text, 0);
}

const METHOD = 'method';
/** In other letters, or twice, agents differ in whether and which they read; `u`: to some also `ſ` is an s. */
const PARAMS = /^params$/iu;
const CONFIGURATION = /^configuration$/iu;
const unclear = (name: string): Ambiguous => ({ ambiguous: `it names its ${name} twice, or in other letters` });

function readOne(text: string, at: number): ParsedRequest | Ambiguous {
  let method: Span | undefined;
  let id: Span | undefined;
  let params: Span | undefined;
  for (const member of membersOf(text, at)) {
    // There are parsers that take `Method` for `method`, and of two members some take the first and some the last.
    if (member.key.toLowerCase() === METHOD) {
      if (method !== undefined) return { ambiguous: 'it names a method twice' };
      method = member;
    } else if (member.key === 'id') id = member;
    else if (PARAMS.test(member.key)) {
      if (params !== undefined || member.key !== 'params') return unclear('params');
      params = member;
    }
  }
  const pushes = params === undefined ? [] : pushesOf(text, params.from);
  if ('ambiguous' in pushes) return pushes;
  const name = method === undefined ? null : stringAt(text, method);
  return {
    method: name,
    classes: [methodClassOf(name), ...pushes],
    id: id === undefined ? null : detached(text.slice(id.from, id.to)),
    ...(params === undefined ? NO_REFS : refsOf(text, params.from, name)),
  };
}

function readBatch(text: string): ParsedRequest | Ambiguous {
  const classes = new Set<MethodClass>();
  const methods = new Set<string | null>();
  for (const { from } of elementsOf(text)) {
    const one = readOne(text, from);
    if ('ambiguous' in one) return one;
    methods.add(one.method);
    for (const each of one.classes) classes.add(each);
  }
  const [method = null, ...others] = methods;
  if (classes.size === 0) classes.add(methodClassOf(null));
  return { method: others.length === 0 ? method : null, classes: [...classes], id: null, ...NO_REFS };
}

interface Refs {
  readonly taskId: string | null;
  readonly contextId: string | null;
  readonly messageId: string | null;
}
const NO_REFS: Refs = { taskId: null, contextId: null, messageId: null };

/** Methods whose `params.id` names a task; of the others it names a push configuration. */
const BY_TASK: ReadonlySet<string> = new Set([
  ...['GetTask', 'CancelTask', 'SubscribeToTask', 'tasks/get', 'tasks/cancel', 'tasks/resubscribe'],
  ...['tasks/pushNotificationConfig/get', 'tasks/pushNotificationConfig/list', 'tasks/pushNotificationConfig/delete'],
]);

function refsOf(text: string, at: number, method: string | null): Refs {
  const params = stringsOf(text, at, ['id', 'taskId', 'contextId'], ['message']);
  const message = params.nested['message'];
  const sent = message === undefined ? {} : stringsOf(text, message.from, ['taskId', 'contextId', 'messageId']).strings;
  return {
    taskId: sent['taskId'] ?? params.strings['taskId'] ?? (BY_TASK.has(method ?? '') ? (params.strings['id'] ?? null) : null),
    contextId: sent['contextId'] ?? params.strings['contextId'] ?? null,
    messageId: sent['messageId'] ?? null,
  };
}

/** A message may bring a push configuration with it, and then does what the method that makes one does; see `methodClassOf`. */
const PUSHES: readonly MethodClass[] = ['admin'];
const PUSH = /^(?:task_?)?push_?notification_?config$/iu;

function pushesOf(text: string, at: number): readonly MethodClass[] | Ambiguous {
  const [configuration, ...others] = [...membersOf(text, at)].filter(({ key }) => CONFIGURATION.test(key));
  if (configuration === undefined) return [];
  if (others.length > 0 || configuration.key !== 'configuration') return unclear('configuration');
  return [...membersOf(text, configuration.from)].some((each) => PUSH.test(each.key) && text[each.from] === '{') ? PUSHES : [];
}

/**
 * The ids in a message that is the body of an HTTP+JSON request, and what it asks for beyond what its path says: a body that is JSON-RPC
 * is understood as that by an agent to whom paths say nothing.
 */
export function readMessage(body: Buffer): (Refs & Pick<ParsedRequest, 'classes'>) | Ambiguous {
  const asRpc = readRequest(body);
  if ('ambiguous' in asRpc) return asRpc;
  const text = body.toString('utf8');
  const pushes = pushesOf(text, 0);
  if ('ambiguous' in pushes) return pushes;
  const isRpc = asRpc.method !== null || firstOf(text) === '[';
  return { ...refsOf(text, 0, null), classes: [...(isRpc ? asRpc.classes : []), ...pushes] };
}

/** Of one object, the members that are asked for: those that are strings, and where those that hold more stand. */
export function stringsOf(
  text: string,
  at: number,
  names: readonly string[],
  nests: readonly string[] = [],
): { readonly strings: Readonly<Record<string, string>>; readonly nested: Readonly<Record<string, Span>> } {
  const strings: Record<string, string> = {};
  const nested: Record<string, Span> = {};
  for (const member of membersOf(text, at)) {
    if (nests.includes(member.key)) nested[member.key] = member;
    if (!names.includes(member.key) || !member.isWhole) continue;
    const value = stringAt(text, member);
    if (value !== null && value !== '') strings[member.key] = value;
  }
  return { strings, nested };
}
