import '../../libs/runtime/testing/typescript.mjs';

const TICK_MS = 30_000;
const { FakeGateway } = await import('../fake-openclaw/fake-gateway.ts');

/** A gateway that answers as a real one did, in this process. */
export async function startGateway() {
  const gateway = new FakeGateway();
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
