import { isIP } from 'node:net';

/** What a stage may allow beyond the rule. */
export interface EndpointOptions {
  /** The local stack's own receivers: `http` or `https` to a loopback address or to `localhost`. */
  readonly loopback?: 'allowed';
}

/**
 * Names that exist inside one network only, so that whoever controls that network's DNS decides what they mean.
 *
 * @see https://www.iana.org/assignments/special-use-domain-names
 */
const PRIVATE_SUFFIXES = [
  'localhost',
  'local',
  'localdomain',
  'internal',
  'intranet',
  'private',
  'corp',
  'home',
  'lan',
  'home.arpa',
  'in-addr.arpa',
  'ip6.arpa',
];

/** Names of instance metadata that do not lie below a private suffix. */
const METADATA_NAMES = ['metadata.tencentyun.com', 'metadata.platformequinix.com', 'metadata.packet.net'];

const LOOPBACK_HOST = /^(localhost|127\.0\.0\.1|\[::1\])$/;

/**
 * Why a URL from data or configuration may not be called, as the end of a sentence that begins with the
 * field's name; `undefined` when it may. Looks at the text only: what the name resolves to is for
 * `guardedRequest` to check.
 */
export function checkEndpoint(url: string, options: EndpointOptions = {}): string | undefined {
  // Parsers differ in what they make of these, so what is checked might not be what is called.
  if (!/^[!-~]+$/.test(url) || url.includes('\\'))
    return 'must be a URL in plain ASCII, without spaces and backslashes';
  const parsed = URL.parse(url);
  if (parsed === null) return 'must be a URL with scheme and host';
  if (parsed.username !== '' || parsed.password !== '') return 'must not hold a user name or a password';
  if (options.loopback === 'allowed' && isLoopback(parsed)) return undefined;
  if (parsed.protocol !== 'https:') return 'must begin with https://';
  return hostProblem(parsed.hostname) ?? spellingProblem(url, parsed);
}

/** Whether the URL names this machine itself, over a protocol that `guardedRequest` speaks. */
export function isLoopback({ protocol, hostname }: URL): boolean {
  return (protocol === 'http:' || protocol === 'https:') && LOOPBACK_HOST.test(hostname);
}

/** @param hostname as the URL standard writes it: lower case, every spelling of an IPv4 address in dotted form */
function hostProblem(hostname: string): string | undefined {
  if (hostname.startsWith('[') || isIP(hostname) !== 0)
    return 'must name its host; an IP address, however it is written, is refused';
  const name = hostname.replace(/\.$/, '');
  const isPrivate = PRIVATE_SUFFIXES.some((suffix) => name === suffix || name.endsWith(`.${suffix}`));
  if (isPrivate) return 'must name a host of the public internet, not one of a private network';
  if (METADATA_NAMES.includes(name)) return 'must not name an instance metadata service';
  if (!isPublicName(name)) return 'must name its host in full, such as crm.example.com';
  return undefined;
}

/** A host that only a lenient parser finds, such as that of `https:a.com` or `https://%61.com`. */
function spellingProblem(url: string, { protocol, hostname }: URL): string | undefined {
  return url.toLowerCase().startsWith(`${protocol}//${hostname}`) ? undefined : 'must spell its host plainly';
}

function isPublicName(name: string): boolean {
  const labels = name.split('.');
  return labels.length > 1 && labels.every((label) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label));
}
