import { describe, expect, it } from 'vitest';
import { LOOPBACK, MALFORMED, PUBLIC, REFUSED_EVERYWHERE } from '../../tests/support/url-corpus.ts';
import { checkPublicUrl } from './public-address.ts';

const judge = (url: string, allowLoopback: boolean) => checkPublicUrl(url, { allowLoopback }).kind;

describe('checkPublicUrl', () => {
  it('has a corpus of more than a hundred URLs', () => {
    expect(REFUSED_EVERYWHERE.length + MALFORMED.length + LOOPBACK.length).toBeGreaterThan(130);
  });

  it.each([...REFUSED_EVERYWHERE, ...MALFORMED])('refuses %s everywhere', (url) => {
    expect(judge(url, false)).toBe('refused');
    expect(judge(url, true)).toBe('refused');
  });

  it.each(LOOPBACK)('allows %s in development only', (url) => {
    expect(judge(url, false)).toBe('refused');
    expect(judge(url, true)).toBe('allowed');
  });

  it.each(['[::ffff:127.0.0.1]', '[::127.0.0.1]', '[64:ff9b::7f00:1]'])(
    'knows no other way to write loopback: %s',
    (host) => {
      expect(judge(`https://${host}/`, true)).toBe('refused');
    },
  );

  it.each(PUBLIC)('allows %s', (url) => {
    expect(judge(url, false)).toBe('allowed');
  });

  it('wants https, except in development', () => {
    expect(judge('http://example.com/', false)).toBe('refused');
    expect(judge('http://example.com/', true)).toBe('allowed');
    expect(judge('http://localhost:1/', true)).toBe('allowed');
  });

  it('says what would be right', () => {
    expect(checkPublicUrl('http://example.com/', { allowLoopback: false })).toEqual({
      kind: 'refused',
      message: 'the URL begins with http:; it must be https:',
    });
  });
});
