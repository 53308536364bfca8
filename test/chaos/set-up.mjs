// Makes streams and schemas, as the set-up of production does.
import { behindProxies } from './access.mjs';
import { built } from '../bench/built.mjs';
import { room } from './room.mjs';

const { setUp } = await built('process');
await setUp(behindProxies.nats, behindProxies, [room], (words) => console.log(words));
process.exit();
