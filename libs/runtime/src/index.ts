// startServers(options: ServersOptions): Promise<RunningServers>, rejects with StartRefused
export * from './contract.js';
