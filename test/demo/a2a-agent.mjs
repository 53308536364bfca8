const { SdkAgent } = await import('../../libs/federation/testing/sdk-agent.ts');

/** An agent of the official SDK on a free port, in this process: it knows nothing of us. `url` ends with a slash. */
export async function startAgent() {
  const agent = await SdkAgent.open();
  return { url: agent.url, seen: agent.seen, end: () => agent.close() };
}
