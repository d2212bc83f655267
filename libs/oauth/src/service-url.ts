/** Whether a URL's host is this machine itself. */
export function isLoopbackHost(hostname: string): boolean {
  return /^(localhost|127\.0\.0\.1|\[::1\])$/.test(hostname);
}

/**
 * A configured address of a Genesys Cloud service, without a slash at its end.
 * What goes there bears a secret, so it is `https`, or `http` to this machine itself.
 *
 * @throws RangeError that says what is wrong, without the address
 */
export function serviceUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null) throw new RangeError('a Genesys Cloud URL must have a scheme and a host');
  const isLoopback = url.protocol === 'http:' && isLoopbackHost(url.hostname);
  if (url.protocol !== 'https:' && !isLoopback)
    throw new RangeError('a Genesys Cloud URL must begin with https://');
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw new RangeError('a Genesys Cloud URL must not hold a user name, a password, a query or a fragment');
  return url.href.replace(/\/+$/, '');
}
