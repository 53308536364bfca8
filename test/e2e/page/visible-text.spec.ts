import { describePage } from './browser.js';
import { agent } from './fixtures-edge.js';
import { stage, until } from './stage.js';

const INVISIBLE = /[\u202a-\u202e\u2066-\u2069\u200b-\u200f\ufeff]/;

describePage('text of others whose characters cannot all be seen', () => {
  const on = stage();
  /** Nowhere in the document, its attributes included. */
  const isShownNowhere = async (): Promise<boolean> => !INVISIBLE.test(await on.page.content());

  it('is shown with the codes of those characters: the label of a peer, as it is read and as it changes', async () => {
    on.server.peers[0]!.label = 'Lis\u202enob';
    await on.open('?section=federation');
    const row = on.page.locator(`[data-row=${on.server.peers[0]!.peer_id}]`);
    expect(await row.textContent()).toContain('Lis<U+202E>nob');
    on.server.change('federation', on.server.peers[0]!.peer_id, { label: 'Lis\u200bbon' });
    await until('the change is shown', async () => (await row.textContent())!.includes('Lis<U+200B>bon'));
    expect(await isShownNowhere()).toBe(true);
  });

  it('is shown with the codes of those characters: the label and the host name of an edge agent, also in its drawer', async () => {
    const id = 'agent-00000000000000aa';
    on.server.agents.push(agent({ agent_id: id, label: 'ad\u200bmin', hostname: 'edge\u2066-7' }));
    await on.open(`?section=edge&id=${id}`);
    const drawer = on.page.locator('[data-drawer]');
    await until('the drawer shows both', async () => {
      const shown = (await drawer.textContent()) ?? '';
      return shown.includes('ad<U+200B>min') && shown.includes('edge<U+2066>-7');
    });
    expect(await on.page.locator(`[data-row=${id}]`).textContent()).toContain('ad<U+200B>min');
    expect(await isShownNowhere()).toBe(true);
  });
});
