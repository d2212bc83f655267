import { describe, expect, test } from '@jest/globals';
import { checkEndpoint } from './index.ts';

test.each([
  'https://crm.example.com',
  'https://crm.example.com:8443/hooks/aftercall?key=1',
  'https://CRM.Example.com./x',
  'https://xn--mnchen-3ya.example/',
  'https://internal.example.com/local',
  'https://localhost.example.com/',
  'https://10.example.com/',
])('%s may be called', (url) => {
  expect(checkEndpoint(url)).toBeUndefined();
});

describe('an IP address is refused however it is written', () => {
  test.each([
    'https://127.0.0.1/',
    'https://93.184.216.34/',
    'https://169.254.169.254/latest/meta-data/',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://0x7f.1/',
    'https://0177.0.0.01/',
    'https://127.1/',
    'https://127.0.0.1./',
    'https://%31%32%37.0.0.1/',
    'https://0/',
    'https://[::1]/',
    'https://[fd00:ec2::254]/',
    'https://[::ffff:169.254.169.254]/',
    'https://[::ffff:7f00:1]:443/',
  ])('%s', (url) => {
    expect(checkEndpoint(url)).toContain('IP address');
  });
});

test.each([
  ['http://crm.example.com/', 'https://'],
  ['ftp://crm.example.com/', 'https://'],
  ['file:///etc/passwd', 'https://'],
  ['javascript:alert(1)', 'https://'],
  ['https://user@crm.example.com/', 'user name'],
  ['https://:secret@crm.example.com/', 'password'],
  ['https://crm.example.com@169.254.169.254/', 'user name'],
  ['https://localhost/', 'private network'],
  ['https://localhost./', 'private network'],
  ['https://LOCALHOST:8443/', 'private network'],
  ['https://a.localhost/', 'private network'],
  ['https://printer.local/', 'private network'],
  ['https://ip-10-0-0-1.eu-west-1.compute.internal/', 'private network'],
  ['https://metadata.google.internal./', 'private network'],
  ['https://router.home.arpa/', 'private network'],
  ['https://metadata.tencentyun.com/', 'metadata'],
  ['https://crm/', 'in full'],
  ['https://instance-data/', 'in full'],
  ['https://crm..example.com/', 'in full'],
  ['https://-crm.example.com/', 'in full'],
  ['https:crm.example.com/', 'plainly'],
  ['https:///crm.example.com/', 'plainly'],
  ['https://%63rm.example.com/', 'plainly'],
  ['https://crm.exаmple.com/', 'ASCII'],
  ['https://１２７.0.0.1/', 'ASCII'],
  ['https://crm.example.com/a b', 'ASCII'],
  ['https://crm.exam\nple.com/', 'ASCII'],
  ['https://crm.example.com\\@evil.example.com/', 'backslashes'],
  ['crm.example.com', 'scheme'],
  ['', 'ASCII'],
])('%j is refused, and the reason says what it must be', (url, reason) => {
  expect(checkEndpoint(url)).toMatch(/^must /);
  expect(checkEndpoint(url)).toContain(reason);
});

test('the reason shows nothing of the URL: a query may hold a key', () => {
  for (const url of ['http://crm.example.com/p?key=k1', 'https://u:k1@a.com', 'https://k1/k1?k1', 'k1 k1'])
    expect(checkEndpoint(url)).not.toContain('k1');
});

describe('where loopback is allowed', () => {
  test.each([
    'http://127.0.0.1:8080/crm',
    'http://localhost:1/',
    'http://[::1]:1/',
    'https://localhost/',
    'https://crm.example.com/',
  ])('%s may be called', (url) => {
    expect(checkEndpoint(url, { loopback: 'allowed' })).toBeUndefined();
  });

  test.each([
    'http://crm.example.com/',
    'http://10.0.0.1/',
    'http://169.254.169.254/',
    'http://u@127.0.0.1/',
  ])('%s is refused all the same', (url) => {
    expect(checkEndpoint(url, { loopback: 'allowed' })).toMatch(/^must /);
  });
});
