const TICK_MS = 30_000;
const { FakeGateway } = await import('../fake-openclaw/fake-gateway.ts');

/** A gateway that answers as a real one did, in this process; `token` may read what it costs. */
export async function startGateway(token) {
  const gateway = new FakeGateway();
  gateway.sockets.tokens[token] = ['operator.read'];
  const url = await gateway.listen();
  const ticks = setInterval(() => gateway.sockets.tick(), TICK_MS);
  return {
    url,
    end: async () => {
      clearInterval(ticks);
      await gateway.close();
    },
  };
}
