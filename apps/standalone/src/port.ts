import { type AddressInfo, createServer } from 'node:net';

/** Another program listens where this one is to listen. */
export class PortTaken extends Error {
  readonly code = 'standalone.port-taken';
  readonly next: string;

  constructor(host: string, port: number, variable: string) {
    super(`Port ${port} on ${host} is taken by another program.`);
    this.next = `Stop that program, or choose another port: ${variable}=${port + 10} npm start.`;
  }
}

/** Whether this process could listen there, asked before anything else is started. Throws `PortTaken`; resolves to the port, chosen for 0. */
export const assertPortFree = (host: string, port: number, variable: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
      .once('error', (error: NodeJS.ErrnoException) => reject(error.code === 'EADDRINUSE' ? new PortTaken(host, port, variable) : error))
      .listen(port, host, () => {
        const { port: free } = server.address() as AddressInfo;
        server.close(() => resolve(free));
      });
  });
