import { expect, test } from '@jest/globals';
import { CliError } from './cli-error.ts';
import { readHeaders } from './read-headers.ts';

const wanted = { 'x-genesys-signature': 'ab=', 'content-type': 'application/json' };

test.each([
  ['lines', 'X-Genesys-Signature: ab=\nContent-Type: application/json\n'],
  [
    'a request as an HTTP dump prints it',
    'POST /webhooks/main HTTP/1.1\r\nX-Genesys-Signature: ab=\r\nContent-Type:application/json\r\n\r\n',
  ],
  [
    'what curl -v prints',
    '* Connected\n> POST /webhooks/main HTTP/1.1\n> X-Genesys-Signature: ab=\n> Content-Type: application/json\n>\n< HTTP/1.1 401\n< x-request-id: 1\n',
  ],
  ['a curl command', `curl -H 'X-Genesys-Signature: ab=' --header "Content-Type: application/json" http://x`],
  ['a JSON object', '{"X-Genesys-Signature":"ab=","Content-Type":["application/json"]}'],
  ['pairs', '[["x-genesys-signature","ab="],["content-type","application/json"]]'],
  [
    'names and values',
    '[{"name":"X-Genesys-Signature","value":"ab="},{"name":"content-type","value":"application/json"}]',
  ],
  [
    'an event of a function',
    '{"version":"2.0","headers":{"x-genesys-signature":"ab=","content-type":"application/json"},"body":"x"}',
  ],
])('%s are read', (_case, text) => {
  expect(readHeaders(text)).toEqual(wanted);
});

test('a header that comes twice has both values', () => {
  expect(readHeaders('x-a: 1\nX-A: 2')).toEqual({ 'x-a': '1,2' });
});

test.each(['', 'nothing here', '{"broken', '{}', '[]', '[1]'])('%j is refused', (text) => {
  expect(() => readHeaders(text)).toThrow(CliError);
});
