import { asId, newEvent } from '@app/kernel';
import { NOW, later, rowsOf } from '@app/kernel/testing';
import { type CallerId, TokenHeld, TokenIssued, type TokenId, TokenReleased, TokenRevoked, TokenRotated } from '../../events/index.js';
import { tokenDirectory } from './token-directory.projection.js';

const about = { token_id: asId<TokenId>('t-1') };
const { bindings } = TokenIssued.example;
const made = { ...about, name: 'travel', role: 'caller', expires_at: later(60), caller_id: asId<CallerId>('t-0'), bindings } as const;
const issued = newEvent(TokenIssued, made);
const revoked = newEvent(TokenRevoked, about);
const row = {
  token_id: 't-1',
  name: 'travel',
  role: 'caller',
  issued_at: NOW,
  issued_by: 'test',
  expires_at: later(60),
  revoked_at: null,
  held_at: null,
  caller_id: 't-0',
  bindings,
  next_token_id: null,
  ends_at: null,
};

it('shows who issued a token, when and for what', () => expect(rowsOf(tokenDirectory, issued)).toEqual({ 't-1': row }));

it('keeps a revoked token, and says since when', () => {
  expect(rowsOf(tokenDirectory, issued, revoked)).toEqual({ 't-1': { ...row, revoked_at: NOW } });
});

it('shows since when a token is held, until it is released', () => {
  const [held, released] = [newEvent(TokenHeld, about), newEvent(TokenReleased, about)];
  expect(rowsOf(tokenDirectory, issued, held)).toEqual({ 't-1': { ...row, held_at: NOW } });
  expect(rowsOf(tokenDirectory, issued, held, released)).toEqual({ 't-1': row });
});

it.each([
  ['at once', null, NOW],
  ['after an overlap', later(30), later(30)],
])('says which token took the place of one that was rotated, and when it ends: %s', (_how, ends_at, shown) => {
  const rotated = newEvent(TokenRotated, { ...about, next_token_id: asId<TokenId>('t-2'), ends_at });
  const next = newEvent(TokenIssued, { ...made, token_id: asId<TokenId>('t-2') });
  expect(rowsOf(tokenDirectory, issued, rotated, next)).toEqual({
    't-1': { ...row, next_token_id: 't-2', ends_at: shown },
    't-2': { ...row, token_id: 't-2' },
  });
});

it('keeps tokens apart', () => {
  const other = newEvent(TokenIssued, { ...TokenIssued.example, token_id: asId<TokenId>('t-2'), expires_at: null });
  expect(rowsOf(tokenDirectory, issued, other, revoked)).toMatchObject({
    't-1': { revoked_at: NOW },
    't-2': { revoked_at: null, expires_at: null },
  });
});

it('stops rather than guess when a history starts in the middle', () => {
  expect(() => rowsOf(tokenDirectory, revoked)).toThrow('no row to change');
});
