/** What secret values look like: each shape is one that a signing secret, an AWS key, a private key or a token has. */
const SECRET_SHAPES: readonly RegExp[] = [
  /(?:AKIA|ASIA)[0-9A-Z]{16}/,
  /whsec_/,
  /-----BEGIN/,
  /eyJ[\w-]{8,}\.[\w-]{8,}/,
  /\b[0-9a-f]{32,}\b/i,
  // Of base64 that long, a share without any digit or capital is out of the question; of a path it is usual.
  /(?<![\w+/])(?=[A-Za-z+/]*\d|[a-z0-9+/]*[A-Z])[A-Za-z0-9+/]{40,}={0,2}(?![\w+/])/,
  /(?<![\w+/.-])(?=[\w+/-]*[A-Z])(?=[\w+/-]*[a-z])(?=[\w+/-]*\d)[\w+/-]{24,}={0,2}(?![\w+/.-])/,
];

/** Whether a text could be a secret value. Names, ids with hyphens in lower case and ARNs do not look like one. */
export const looksLikeSecret = (text: string): boolean => SECRET_SHAPES.some((shape) => shape.test(text));
