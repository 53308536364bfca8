import 'reflect-metadata';
import { runProcess } from '@app/process';
import { startStandalone } from './standalone.js';

const say = (words: string): void => void process.stdout.write(`${words}\n`);
await runProcess((signal) => startStandalone(say, signal), say);
