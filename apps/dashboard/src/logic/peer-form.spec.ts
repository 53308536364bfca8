import { troublesOf } from './peer-form.js';

const good = { remote_peer_id: 'inst-tallinn', label: 'Tallinn', url: 'https://tallinn.example:8443/cb' };

it('has nothing against what the server is to judge', () => {
  expect(troublesOf(good)).toEqual({});
  expect(troublesOf({ ...good, url: 'http://127.0.0.1:4601' })).toEqual({});
});

it('says all that is missing at once, as the form names it', () => {
  expect(troublesOf({ remote_peer_id: '', label: '', url: '' })).toEqual({
    remote_peer_id: 'Give the instance id of the other side.',
    label: 'Give it a label.',
    url: 'Give the public URL of the other side.',
  });
});

it.each(['tallinn.example', 'https://', 'ftp://tallinn.example', 'https://tallinn example'])('takes %p for no URL', (url) =>
  expect(troublesOf({ ...good, url })).toEqual({ url: 'The URL begins with https:// and names a host.' }),
);

it('says which ids there are', () => {
  expect(troublesOf({ ...good, remote_peer_id: 'inst.tallinn' }).remote_peer_id).toContain('1 to 64');
});
