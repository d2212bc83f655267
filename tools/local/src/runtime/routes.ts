/** The values of `{name}` parts, decoded. */
export type PathParameters = Readonly<Record<string, string>>;

export interface RouteMatch<R> {
  readonly route: R;
  readonly pathParameters: PathParameters;
}

const DEFAULT_ROUTE = '$default';

/**
 * Finds the route of an HTTP API for a request: the most specific path first, then its own method
 * before `ANY`, a greedy `{name+}` after everything else, `$default` last.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
 */
export function matchRoute<R extends { readonly key: string }>(
  routes: readonly R[],
  method: string,
  path: string,
): RouteMatch<R> | undefined {
  const segments = path.split('/').slice(1);
  const matches = routes
    .filter(({ key }) => key !== DEFAULT_ROUTE)
    .flatMap((route) => {
      const [wanted = '', template = ''] = route.key.split(' ');
      const pathParameters =
        wanted === 'ANY' || wanted === method ? matchPath(template.split('/').slice(1), segments) : undefined;
      return pathParameters ? [{ route, pathParameters, rank: rankOf(wanted, template) }] : [];
    })
    .toSorted((a, b) => (a.rank < b.rank ? -1 : 1));
  const [best] = matches;
  if (best) return { route: best.route, pathParameters: best.pathParameters };
  const fallback = routes.find(({ key }) => key === DEFAULT_ROUTE);
  return fallback && { route: fallback, pathParameters: {} };
}

function matchPath(template: readonly string[], segments: readonly string[]): PathParameters | undefined {
  const parameters: Record<string, string> = {};
  for (const [index, part] of template.entries()) {
    const [, name, greedy] = /^\{(\w+)(\+?)\}$/.exec(part) ?? [];
    const segment = segments[index];
    if (name === undefined && part !== segment) return undefined;
    if (name === undefined) continue;
    const value = greedy ? segments.slice(index).join('/') : (segment ?? '');
    if (value === '') return undefined;
    parameters[name] = decoded(value);
    if (greedy) return parameters;
  }
  return segments.length === template.length ? parameters : undefined;
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** Sorts like the order in which routes are tried: per segment fixed, variable, greedy; then the method. */
function rankOf(method: string, template: string): string {
  const parts = template.split('/').slice(1);
  const kinds = parts.map((part) => (part.endsWith('+}') ? '2' : part.startsWith('{') ? '1' : '0'));
  return `${kinds.join('')}${method === 'ANY' ? '1' : '0'}`;
}
