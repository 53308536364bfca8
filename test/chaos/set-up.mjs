// Makes streams and schemas, as the set-up of production does.
import { behindProxies } from './access.mjs';
import { built } from '../bench/built.mjs';
import { context } from './accounts-context.mjs';

const { setUp } = await built('process');
await setUp(behindProxies.nats, behindProxies, [context], (words) => console.log(words));
process.exit();
